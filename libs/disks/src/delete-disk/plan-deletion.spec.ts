import type { Loaded, RecordedEvent } from '@strata/event-store';
import { OperationId, SnapshotId, type StreamId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import { create, diskId, id, projectId, provisioned, requested } from '../contract/disk-story.js';
import { diskStream } from '../disk/disk.stream.js';
import { diskEvent, type DiskEvent } from '../disk/index.js';
import { DiskDependents, type DependentDeletion } from './disk-dependents.js';
import { planDeletion } from './plan-deletion.js';

const snapshotId = SnapshotId.parse(id(31));
const [shownAs, ofDisk, ofSnapshot] = [id(41), id(42), id(43)].map((each) => OperationId.parse(each)) as [
  OperationId,
  OperationId,
  OperationId,
];
const kept = [
  diskEvent('DiskSnapshotBegan', { operationId: create, shownAs: create, snapshotId }),
  diskEvent('DiskSnapshotKept', { operationId: create, snapshotId }),
] as const;

/** Of snapshots of which each can be deleted. */
class Deletable extends DiskDependents {
  override readonly streamOf = (of: string): StreamId => `snapshot-${of}`;
  override deletionOf(): DependentDeletion {
    const target = { type: 'snapshot', id: snapshotId } as const;
    return {
      accepted: true,
      part: { operationId: ofSnapshot, kind: 'snapshot.delete', target, input: {}, resources: [] },
      step: { action: 'delete', type: 'snapshot', id: snapshotId, name: 's', sizeGiB: 40 },
    };
  }
}

const loaded = (past: readonly DiskEvent[]): Loaded => {
  const streams = [diskStream(diskId), `project-${projectId}`, `snapshot-${snapshotId}`] as const;
  const eventsOf = (stream: string) =>
    stream === diskStream(diskId) ? (past as unknown as readonly RecordedEvent[]) : [];
  return {
    project: undefined,
    known: undefined,
    head: 0,
    streams: streams.map((stream) => ({ stream, version: eventsOf(stream).length, events: eventsOf(stream) })),
  };
};

const planned = async (...past: readonly DiskEvent[]) => {
  const deletion = { projectId, diskId, cascade: true, planHash: undefined };
  const ids = { shownAs, ofDisk, before: [{ snapshotId, operationId: ofSnapshot }] };
  const plan = await planDeletion(new Deletable(), deletion, ids, loaded(past));
  if (!plan.accepted) throw new Error(`refused as ${plan.refusal.type}`);
  const ofThe = (stream: string) => plan.streams.find((each) => each.stream === stream)?.events;
  return {
    streams: plan.streams.map(({ stream }) => stream),
    disk: ofThe(diskStream(diskId)),
    steps: (plan.plan?.['steps'] as readonly { readonly type: string }[]).map(({ type }) => type),
  };
};

describe('the deletion of a disk with a snapshot', () => {
  it('tells the disk that the snapshot is leaving, and has a part for each', async () => {
    const { streams, disk, steps } = await planned(requested, provisioned, ...kept);
    expect(steps).toEqual(['snapshot', 'disk']);
    expect(streams).toEqual([
      `operation-${shownAs}`,
      `operation-${ofSnapshot}`,
      `operation-${ofDisk}`,
      diskStream(diskId),
    ]);
    expect(disk).toMatchObject([
      { type: 'DiskSnapshotLeaving', data: { snapshotId } },
      { type: 'DiskDeletionRequested', data: { operationId: ofDisk, shownAs } },
    ]);
  });

  it('that was deleted since the caller asked is that of the disk alone', async () => {
    const gone = diskEvent('DiskSnapshotRemoved', { snapshotId });
    const { streams, disk, steps } = await planned(requested, provisioned, ...kept, gone);
    expect(steps).toEqual(['disk']);
    expect(streams).toEqual([`operation-${shownAs}`, diskStream(diskId)]);
    expect(disk).toMatchObject([{ type: 'DiskDeletionRequested', data: { operationId: shownAs, shownAs } }]);
  });
});
