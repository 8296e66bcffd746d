import { SnapshotId } from '@strata/kernel';
import { describe, it } from 'vitest';
import { deleting, given, id, later, provisioned, requested, work } from '../contract/disk-story.js';
import { diskEvent, MOST_SNAPSHOTS } from './index.js';

const there = [requested, provisioned] as const;
const [ours, foreign] = [SnapshotId.parse(id(50)), 'cloud-snapshot-1'];
const kept = diskEvent('DiskSnapshotKept', { operationId: later, snapshotId: ours });
const removed = diskEvent('DiskSnapshotRemoved', { snapshotId: ours });
const back = diskEvent('DiskSnapshotFound', { snapshotId: ours });
const appeared = diskEvent('DiskForeignSnapshotFound', { cloudId: foreign });
const vanished = diskEvent('DiskForeignSnapshotGone', { cloudId: foreign });
const theirs = {
  kind: 'snapshot',
  id: foreign,
  reason: 'is a snapshot of the disk that Strata did not make, by its id in the cloud',
} as const;
const see = (isThere: boolean) => ({ type: 'RecordForeignSnapshot', cloudId: foreign, there: isThere }) as const;
const remove = { type: 'RequestDeletion', work } as const;

describe('a snapshot that Strata did not make', () => {
  it('keeps its disk from being deleted, as long as it is there', () => {
    given(...there)
      .when(see(true))
      .then(appeared);
    given(...there, appeared)
      .when(see(true))
      .then();
    given(...there, kept, appeared)
      .when(remove)
      .thenRefused({
        type: 'has-snapshots',
        blockers: [{ kind: 'snapshot', id: ours, reason: 'is a snapshot of the disk' }, theirs],
        foreign: [theirs],
      });
    given(...there, kept, appeared)
      .when({ ...remove, snapshots: [ours] })
      .thenRefused({ type: 'has-snapshots', blockers: [theirs], foreign: [theirs] });
    given(...there, appeared).shows(
      'available',
      ...['refresh', 'update', 'image', 'snapshot', 'extend', 'retype', 'attach'],
    );
    given(...there, appeared)
      .when(see(false))
      .then(vanished);
    given(...there, appeared, vanished)
      .when(remove)
      .then(deleting);
  });

  it('counts among those that a disk can have', () => {
    const many = Array.from({ length: MOST_SNAPSHOTS - 1 }, (_, index) =>
      diskEvent('DiskSnapshotKept', { operationId: later, snapshotId: SnapshotId.parse(id(51 + index)) }),
    );
    given(...there, ...many, appeared)
      .when({ type: 'RequestSnapshot', snapshotId: ours, work })
      .thenRefused('too-many-snapshots');
  });
});

describe('a snapshot of ours that the cloud could not delete', () => {
  const leaving = diskEvent('DiskSnapshotLeaving', { snapshotId: ours });
  const stuck = diskEvent('DiskSnapshotStayed', { snapshotId: ours, stuck: true });
  const found = diskEvent('DiskSnapshotFound', { snapshotId: ours, stuck: true });
  const report = { type: 'RecordSnapshotStayed', snapshotId: ours, stuck: true } as const;
  const sees = (isStuck: boolean) => ({ type: 'RecordSnapshotFound', snapshotId: ours, stuck: isStuck }) as const;
  const actions = ['refresh', 'update', 'image', 'snapshot', 'extend', 'retype', 'attach'] as const;

  it('keeps its disk from being deleted, also together with it', () => {
    given(...there, kept, leaving)
      .when(report)
      .then(stuck);
    given(...there, kept, leaving, stuck)
      .when(report)
      .then();
    given(...there, kept, leaving, stuck).shows('available', ...actions);
    const blockers = [{ kind: 'snapshot', id: ours, reason: 'only the vendor of the cloud can mend it' }] as const;
    given(...there, kept, leaving, stuck)
      .when({ ...remove, snapshots: [ours] })
      .thenRefused({ type: 'snapshot-stuck', blockers });
    given(...there, kept, leaving, stuck)
      .when(remove)
      .thenRefused('snapshot-stuck');
  });

  it('is so as a sweep sees it, and until one sees otherwise', () => {
    given(...there, kept)
      .when(sees(true))
      .then(found);
    given(...there, kept, found).shows('available', ...actions);
    given(...there, kept, found)
      .when(sees(true))
      .then();
    given(...there, kept, leaving, stuck)
      .when(sees(false))
      .then(back);
    given(...there, kept, leaving, stuck, back).shows('available', ...actions, 'delete-cascade');
    given(...there, kept, leaving, stuck)
      .when({ type: 'RecordSnapshotRemoved', snapshotId: ours })
      .then(removed);
    given(...there, kept, leaving, stuck, removed).shows('available', ...actions, 'transfer', 'delete');
  });
});

describe('a snapshot of ours that was gone', () => {
  it('is one of its disk again when it is back', () => {
    const report = { type: 'RecordSnapshotFound', snapshotId: ours, stuck: false } as const;
    given(...there, kept, removed)
      .when(report)
      .then(back);
    given(...there, kept, removed, back)
      .when(report)
      .then();
    given(...there, kept, removed, back)
      .when(remove)
      .thenRefused('has-snapshots');
  });
});
