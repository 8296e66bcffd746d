import type { RecordedEvent } from '@strata/event-store';
import {
  BindingId,
  charged,
  ActorId,
  DiskId,
  OperationId,
  ProjectId,
  SnapshotId,
  TransferId,
  type Figures,
  type JsonObject,
} from '@strata/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideDisk,
  evolveDisk,
  initialDisk,
  isPresent,
  type Disk,
  type DiskCommand,
  type DiskEvent,
  type DiskSighting,
} from '../disk/index.js';
import { typeCharges } from '../disk/disk.charges.js';
import { recordOf } from '../disk.record.js';
import { showDiskThen } from '../disk.resource.js';
import { disksView, type DiskRow } from './disks.projection.js';

const id = (last: number) => `01930000-0000-7000-8000-0000000000${String(last).padStart(2, '0')}`;
const diskId = DiskId.parse(id(1));
const projectId = ProjectId.parse(id(2));
const bindingId = BindingId.parse(id(3));
const [known, stranger] = [11, 12].map((last) => OperationId.parse(id(last))) as [OperationId, OperationId];

/** Now and then a report comes from an operation that has nothing to do with the disk any more. */
const operationId = fc.oneof(
  { weight: 9, arbitrary: fc.constant(known) },
  { weight: 1, arbitrary: fc.constant(stranger) },
);
const work = fc.constant({ operationId: known, shownAs: known });
const fault = fc.record({ code: fc.constantFrom('a', 'b'), title: fc.string({ maxLength: 5 }) });
const key = fc.constantFrom('a', 'b', '__proto__x');
const labels = fc.dictionary(key, fc.string({ maxLength: 3 }), { maxKeys: 2, noNullPrototype: true });
const patch = fc.dictionary(key, fc.option(fc.string({ maxLength: 3 })), { maxKeys: 2, noNullPrototype: true });
const size = fc.integer({ min: 10, max: 60 });
const type = fc.constantFrom('SSD', 'SAS');
const spec = fc.record({
  name: fc.string({ minLength: 1, maxLength: 5 }),
  description: fc.string({ maxLength: 5 }),
  sizeGiB: size,
  type,
  availabilityZone: fc.constant('eu-de-01'),
  tags: labels,
  metadata: labels,
});
const change = fc.record(
  {
    name: fc.string({ minLength: 1, maxLength: 5 }),
    description: fc.string(),
    tags: patch,
    metadata: patch,
    bootable: fc.boolean(),
    readOnly: fc.boolean(),
  },
  { requiredKeys: [] },
);
const conditions = [
  'available',
  'in-use',
  'error',
  'error-extending',
  'error-deleting',
  'uploading',
  'deleting',
  'retyping',
];
const sighting: fc.Arbitrary<DiskSighting> = fc.record({
  cloudId: fc.constant('cloud-1'),
  status: fc.constantFrom(...conditions),
  cloudStatus: fc.constantFrom('available', 'error'),
  name: fc.string({ minLength: 1, maxLength: 5 }),
  description: fc.string({ maxLength: 5 }),
  sizeGiB: size,
  type,
  bootable: fc.boolean(),
  shareable: fc.boolean(),
  encrypted: fc.boolean(),
  attachments: fc.array(fc.record({ serverId: fc.constant('server'), device: fc.option(fc.constant('/dev/vdb')) }), {
    maxLength: 1,
  }),
  tags: labels,
  metadata: labels,
});
const cloudId = fc.option(fc.constant('cloud-1'));

const request = fc.record({
  type: fc.constant('RequestDisk' as const),
  diskId: fc.constant(diskId),
  projectId: fc.constant(projectId),
  bindingId: fc.constant(bindingId),
  spec,
  work,
});
const snapshotId = fc.constantFrom(...[41, 42].map((last) => SnapshotId.parse(id(last))));
const transferId = TransferId.parse(id(51));
const left = fc.constantFrom('as-it-was' as const, 'broken' as const, 'unknown' as const);
const notBefore = fc.constantFrom(undefined, '2026-03-04T08:00:00.000Z');
const lock = fc.constant({ reason: null, by: ActorId.parse(id(51)), since: '2026-03-02T08:00:00.000Z' });
const provision = { type: 'RecordProvisioned', operationId: known, cloudId: 'cloud-1' } as const;
const stuck = fc.constant({ code: 'stuck-in-cloud', title: '' });
const inTransit = fc
  .constantFrom('creating', 'extending', 'deleting', 'unknown')
  .map((condition) => ({ cloudId: 'cloud-1', condition, cloudStatus: condition }));

const command = fc.oneof(
  { weight: 1, arbitrary: request },
  { weight: 4, arbitrary: fc.constant(provision) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('RecordCreationFailed' as const), operationId, fault, cloudId }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom('RequestAgain' as const, 'RequestRefresh' as const), work }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('RequestRecreation' as const), work }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('RequestDeletion' as const), notBefore, work }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('LockDeletion' as const), lock }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('UnlockDeletion' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('RequestChange' as const), change, work }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('RequestExtension' as const), sizeGiB: size, work }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('RequestRetype' as const),
      diskType: fc.constantFrom('SSD', 'ESSD'),
      work,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('RecordRetyped' as const), operationId }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('RecordChanged' as const), operationId, change }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('RecordExtended' as const), operationId, sizeGiB: size }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('RequestSnapshot' as const, 'RequestRollback' as const),
      snapshotId,
      work,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('RecordSnapshotKept' as const), operationId, snapshotId }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom(
        ...([
          'RequestSnapshotDeletion',
          'RecordSnapshotStayed',
          'RecordSnapshotRemoved',
          'RecordSnapshotFound',
        ] as const),
      ),
      snapshotId,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ type: fc.constant('RecordForeignSnapshot' as const), there: fc.boolean() },
      cloudId: fc.constant('cloud-snapshot'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('RecordRolledBack' as const), operationId }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('RecordRollbackFailed' as const), operationId, fault, left }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('RequestOffer' as const, 'EndOffer' as const),
      transferId: fc.constant(transferId),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('RecordDeleted' as const), operationId }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('RecordFailed' as const), operationId, fault, broken: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('RecordQuarantined' as const),
      operationId,
      fault: stuck,
      left: inTransit,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('RecordSeen' as const),
      operationId: fc.option(operationId),
      sighting: fc.option(sighting, { freq: 8 }),
    }),
  },
) as fc.Arbitrary<DiskCommand>;

/** What comes of commands one after the other; what is refused leaves nothing. */
const historyOf = (commands: readonly DiskCommand[]) => {
  let disk: Disk = initialDisk;
  const events: DiskEvent[] = [];
  for (const each of commands) {
    const decision = decideDisk(each, disk);
    if (!decision.accepted) continue;
    disk = decision.events.reduce(evolveDisk, disk);
    events.push(...decision.events);
  }
  return { disk, events };
};
const history = fc
  .tuple(request, fc.array(command, { minLength: 20, maxLength: 80, size: 'max' }))
  .map(([first, rest]) => historyOf([first, ...rest]));

const recorded = (event: DiskEvent, index: number): RecordedEvent => ({
  position: index * 3 + 1,
  id: id(20),
  stream: `disk-${diskId}`,
  version: index + 1,
  type: event.type,
  schemaVersion: 1,
  projectId,
  data: reordered(event.data) as JsonObject,
  charges: [...(event.charges ?? [])],
  meta: { actorId: id(30) },
  recordedAt: new Date(1_790_000_000_000 + index).toISOString().replace('Z', '123Z'),
  hash: '',
});

/** As PostgreSQL gives `jsonb` back: the shorter of two keys comes first, of those as long the smaller. */
const reordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, reordered(member)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)));
};

/** As it comes back from its table. */
const stored = (row: DiskRow | null): DiskRow | undefined =>
  row === null ? undefined : (reordered(JSON.parse(JSON.stringify(row))) as DiskRow);

describe('the view of disks', () => {
  it('shows every disk as its stream tells it', () => {
    fc.assert(
      fc.property(history, ({ events }) => {
        const log = events.map(recorded);
        let row: DiskRow | undefined;
        for (const [index, event] of log.entries()) {
          expect(disksView.keys(event)).toEqual([diskId]);
          row = stored(disksView.apply(row, event, diskId));
          const record = recordOf(log.slice(0, index + 1));
          expect(row && showDiskThen(row.doc)).toEqual(record && showDiskThen(record));
          if (!row || !record) continue;
          const { id: key, cloud, ...shown } = showDiskThen(record);
          const { attachments, allowedActions, metadata, source, deletionLock, deletesAt, ...columns } = shown;
          const written = deletesAt === null ? JSON.stringify(showDiskThen(record)) : null;
          const serverIds = attachments.map(({ serverId }) => serverId);
          const inCloud = { cloudId: cloud?.id ?? null, cloudStatus: cloud?.status ?? null };
          expect(row).toEqual({ ...columns, ...inCloud, key, serverIds, doc: row.doc, shown: written });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has no row for what is gone', () => {
    fc.assert(
      fc.property(history, ({ disk, events }) => {
        const log = events.map(recorded);
        const row = log.reduce<DiskRow | undefined>(
          (each, event) => stored(disksView.apply(each, event, diskId)),
          undefined,
        );
        expect(row !== undefined).toBe(isPresent(disk));
      }),
    );
  });
});

describe('the charges of a disk', () => {
  const sums = (events: readonly DiskEvent[]) => {
    const figures = new Map<string, Figures>();
    for (const { dimension, held, used, releasing } of events.flatMap((event) => event.charges ?? [])) {
      const before = figures.get(dimension) ?? { held: 0, used: 0, releasing: 0 };
      figures.set(dimension, {
        held: before.held + held,
        used: before.used + used,
        releasing: before.releasing + releasing,
      });
    }
    return figures;
  };

  it('are never negative, and nothing when it is gone or nothing of it is in the cloud', () => {
    fc.assert(
      fc.property(history, ({ events }) => {
        for (let count = 1; count <= events.length; count++) {
          const figures = sums(events.slice(0, count));
          for (const figure of figures.values()) expect(Math.min(...Object.values(figure))).toBeGreaterThanOrEqual(0);
          const disk = events.slice(0, count).reduce<Disk>(evolveDisk, initialDisk);
          const resting = disk.life === 'requested' && disk.open === null;
          if (disk.life !== 'deleted' && !resting) continue;
          expect([...figures.values()].map(charged).every((each) => each === 0)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are those of its type and size while it is in the cloud at rest', () => {
    fc.assert(
      fc.property(history, ({ disk, events }) => {
        if (disk.life !== 'in-cloud' || disk.open !== null) return;
        const expected = (n: number, held = 0) => ({ held, used: n, releasing: 0 });
        const left = Object.fromEntries([...sums(events)].filter(([, figures]) => charged(figures) !== 0));
        const { type: ofType, sizeGiB, undecidedGiB, undecidedMove } = disk;
        const inUse: Record<string, ReturnType<typeof expected>> = {
          disks: expected(1),
          [`disks:${ofType}`]: expected(1),
          gigabytes: expected(sizeGiB, undecidedGiB),
          [`gigabytes:${ofType}`]: expected(sizeGiB, undecidedGiB),
        };
        const held = undecidedMove ? typeCharges.hold(undecidedMove) : [];
        for (const each of held) {
          const before = inUse[each.dimension] ?? expected(0);
          inUse[each.dimension] = { ...before, held: before.held + each.held };
        }
        expect(left).toEqual(inUse);
      }),
      { numRuns: 500 },
    );
  });
});
