import type { RecordedEvent } from '@strata/event-store';
import type { JsonObject } from '@strata/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  create,
  diskId,
  extent,
  fault,
  first,
  later,
  projectId,
  snapshotId,
  wanted,
} from '../contract/snapshot-story.js';
import { recordOf } from '../snapshot.record.js';
import { showSnapshot } from '../snapshot.resource.js';
import { decideSnapshot, evolveSnapshot, initialSnapshot, type SnapshotCommand } from '../snapshot/index.js';
import { snapshotsView, type SnapshotRow } from './snapshots.projection.js';

const request = { type: 'RequestSnapshot', ...wanted, work: first } as const;
const operationId = fc.constantFrom(create, later);
const work = fc.constant(first);
const command = fc.oneof(
  fc.record({ type: fc.constant('RecordTaken' as const), operationId, cloudId: fc.constant('cloud-1') }),
  fc.record({
    ...{ type: fc.constant('RecordCreationFailed' as const), operationId, fault: fc.constant(fault) },
    cloudId: fc.option(fc.constant('cloud-1')),
  }),
  fc.record({ type: fc.constant('RequestAgain' as const), extent: fc.constant(extent), work }),
  fc.record({ type: fc.constant('RequestChange' as const), change: fc.constant({ name: 'after' }), work }),
  fc.record({ type: fc.constant('RecordChanged' as const), operationId, change: fc.constant({ name: 'after' }) }),
  fc.record({ type: fc.constantFrom('RequestDeletion' as const, 'RequestRollback' as const), work }),
  fc.record({
    type: fc.constant('RequestUse' as const),
    operationId,
    diskId: fc.constant(diskId),
    wanted: fc.constant(extent),
  }),
  fc.record({
    type: fc.constantFrom('RecordDeleted' as const, 'RecordRolledBack' as const, 'RecordUseEnded' as const),
    operationId,
  }),
  fc.record({
    ...{ type: fc.constant('RecordFailed' as const), operationId, fault: fc.constant(fault) },
    ...{ broken: fc.boolean(), cloudStatus: fc.constantFrom('error_deleting', 'odd') },
  }),
  fc.record({
    type: fc.constant('RecordSeen' as const),
    sighting: fc.option(
      fc.record({
        ...{ cloudId: fc.constantFrom('cloud-1', 'cloud-2'), name: fc.constantFrom('before', 'other') },
        condition: fc.constantFrom('available' as const, 'error' as const, 'deleting' as const),
        cloudStatus: fc.constantFrom('available', 'odd'),
        ...{ description: fc.constant(''), metadata: fc.constant({}) },
      }),
    ),
  }),
);

const historyOf = (commands: readonly SnapshotCommand[]): readonly RecordedEvent[] => {
  let snapshot = initialSnapshot;
  const events = commands.flatMap((each) => {
    const decision = decideSnapshot(each, snapshot);
    if (!decision.accepted) return [];
    snapshot = decision.events.reduce(evolveSnapshot, snapshot);
    return decision.events;
  });
  return events.map(({ type, data, charges = [] }, index) => ({
    ...{ position: index * 3 + 1, id: snapshotId, stream: `snapshot-${snapshotId}`, version: index + 1 },
    ...{ type, schemaVersion: 1, projectId, data: data as unknown as JsonObject, charges, hash: '' },
    meta: { actorId: snapshotId },
    recordedAt: new Date(1_790_000_000_000 + index).toISOString().replace('Z', '123Z'),
  }));
};

/** As it comes back from its table. */
const stored = (row: SnapshotRow | null): SnapshotRow | undefined =>
  row === null ? undefined : (JSON.parse(JSON.stringify(row)) as SnapshotRow);

const history = fc.array(command, { maxLength: 40, size: 'max' }).map((rest) => historyOf([request, ...rest]));

describe('the view of snapshots', () => {
  it('shows every snapshot as its stream tells it', () => {
    fc.assert(
      fc.property(history, (log) => {
        let row: SnapshotRow | undefined;
        for (const [index, event] of log.entries()) {
          expect(snapshotsView.keys(event)).toEqual([snapshotId]);
          row = stored(snapshotsView.apply(row, event, snapshotId));
          const record = recordOf(log.slice(0, index + 1));
          expect(row && showSnapshot(row.doc)).toEqual(record && showSnapshot(record));
        }
      }),
    );
  });
});

describe('the charges of a snapshot', () => {
  it('are never negative, and nothing once it is gone', () => {
    fc.assert(
      fc.property(history, (log) => {
        const figures = { held: 0, used: 0, releasing: 0 };
        for (const { type, charges } of log) {
          for (const { dimension, held, used, releasing } of charges) {
            if (dimension !== 'snapshots') continue;
            figures.held += held;
            figures.used += used;
            figures.releasing += releasing;
          }
          expect(Math.min(...Object.values(figures))).toBeGreaterThanOrEqual(0);
          if (type === 'SnapshotDeleted') expect(figures).toEqual({ held: 0, used: 0, releasing: 0 });
        }
      }),
    );
  });
});
