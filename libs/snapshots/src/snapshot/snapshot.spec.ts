import { describe, it } from 'vitest';
import {
  create,
  deleting,
  diskId,
  extent,
  fault,
  first,
  given,
  later,
  leftBroken,
  other,
  requested,
  taken,
  vanished,
  wanted,
  whole,
  work,
} from '../contract/snapshot-story.js';
import { snapshotEvent } from './index.js';

const deleted = snapshotEvent('SnapshotDeleted', { operationId: later }, whole(0, 0, -1));
const used = snapshotEvent('SnapshotUsed', { operationId: other, diskId });
const use = (change: Partial<typeof extent> = {}) =>
  ({ type: 'RequestUse', operationId: other, diskId, wanted: { ...extent, ...change } }) as const;
const remove = { type: 'RequestDeletion', work } as const;

describe('a snapshot that is requested', () => {
  it('is held in three dimensions, once', () => {
    const request = { type: 'RequestSnapshot', ...wanted, work: first } as const;
    given().when(request).then(requested);
    given(requested).when(request).then();
    given(requested).shows('creating');
  });

  it('is used once the cloud has made it, and hears of it once', () => {
    const report = { type: 'RecordTaken', operationId: create, cloudId: 'cloud-1' } as const;
    given(requested).when(report).then(taken);
    given(requested, taken).when(report).then();
    given(requested)
      .when({ ...report, operationId: later })
      .then();
    given(requested, taken).shows('available', 'update', 'delete', 'roll-back');
  });

  it('is charged no more when nothing came of it, and is held again when tried again', () => {
    given(requested).when({ type: 'RecordCreationFailed', operationId: create, fault, cloudId: null }).then(vanished);
    given(requested).when({ type: 'RecordFailed', operationId: create, fault, broken: false }).then(vanished);
    given(requested, vanished).shows('error', 'delete');
    given(requested, vanished)
      .when({ type: 'RequestAgain', extent, work })
      .then(snapshotEvent('SnapshotRequestedAgain', { ...work, extent }, whole(1)));
    given(requested, taken).when({ type: 'RequestAgain', extent, work }).thenRefused('snapshot-not-ready');
  });

  it('is used when something broken is left in the cloud', () => {
    given(requested)
      .when({ type: 'RecordCreationFailed', operationId: create, fault, cloudId: 'cloud-1' })
      .then(leftBroken);
    given(requested, leftBroken).shows('error', 'delete');
    given(requested, leftBroken).when({ type: 'RequestRollback', work }).thenRefused('snapshot-not-ready');
  });
});

describe('deleting a snapshot', () => {
  it('releases it until its absence was observed', () => {
    given(requested, taken).when(remove).then(deleting);
    given(requested, taken, deleting).shows('deleting');
    given(requested, taken, deleting).when(remove).thenRefused('snapshot-busy');
    given(requested, taken, deleting).when({ type: 'RecordDeleted', operationId: later }).then(deleted);
    given(requested, taken, deleting, deleted).when(remove).thenRefused('not-found');
  });

  it('is done at once where nothing of it is in the cloud', () => {
    given(requested, vanished)
      .when(remove)
      .then(snapshotEvent('SnapshotDeletionRequested', work), snapshotEvent('SnapshotDeleted', { operationId: later }));
  });

  it('may fail, and be tried again where the cloud left it as it was', () => {
    const failed = (broken: boolean) =>
      snapshotEvent('SnapshotDeletionFailed', { operationId: later, fault, broken }, whole(0, 1, -1));
    given(requested, taken, deleting)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: true })
      .then(failed(true));
    const cloudStatus = 'error_deleting';
    given(requested, taken, deleting)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: true, cloudStatus })
      .then({ ...failed(true), data: { ...failed(true).data, cloudStatus } });
    given(requested, taken, deleting, failed(true)).shows('error');
    given(requested, taken, deleting, failed(true)).when(remove).thenRefused('snapshot-stuck');
    given(requested, taken, deleting, failed(false)).shows('available', 'update', 'delete', 'roll-back');
  });
});

describe('changing a snapshot', () => {
  it('is asked of the cloud first, and no news when nothing would change', () => {
    const change = { name: 'after', metadata: { k: null } };
    const asked = snapshotEvent('SnapshotChangeRequested', { ...work, change });
    given(requested, taken).when({ type: 'RequestChange', change, work }).then(asked);
    given(requested, taken, asked)
      .when({ type: 'RecordChanged', operationId: later, change })
      .then(snapshotEvent('SnapshotChanged', { operationId: later, change }));
    given(requested, taken)
      .when({ type: 'RequestChange', change: { name: 'before', metadata: { x: null } }, work })
      .then();
  });

  it('adds no key that the cloud could take for one that is there', () => {
    const ask = (metadata: Record<string, string | null>) =>
      given(requested, taken).when({ type: 'RequestChange', change: { metadata }, work });
    ask({ K: 'b' }).thenRefused('invalid-request');
    ask({ K: 'b', k: null }).then(
      snapshotEvent('SnapshotChangeRequested', { ...work, change: { metadata: { K: 'b', k: null } } }),
    );
  });
});

describe('a snapshot that a disk is made from', () => {
  it('is available, and fits in size, type and zone', () => {
    given(requested, taken).when(use()).then(used);
    given(requested, taken)
      .when(use({ sizeGiB: 41 }))
      .then(used);
    for (const change of [{ sizeGiB: 39 }, { type: 'SAS' }, { availabilityZone: 'eu-de-02' }])
      given(requested, taken).when(use(change)).thenRefused('snapshot-does-not-fit');
    given(requested).when(use()).thenRefused('snapshot-busy');
  });

  it('is none that a backup left for itself', () => {
    const name = 'autobk_snapshot_vbs_1';
    const renamed = snapshotEvent('SnapshotChanged', { operationId: later, change: { name } });
    given(requested, taken, renamed).when(use()).thenRefused('snapshot-does-not-fit');
  });

  it('is neither deleted nor rolled back to until the disk is there', () => {
    given(requested, taken, used).when(remove).thenRefused('snapshot-in-use');
    given(requested, taken, used).when({ type: 'RequestRollback', work }).thenRefused('snapshot-in-use');
    const ended = snapshotEvent('SnapshotUseEnded', { operationId: other });
    given(requested, taken, used).when({ type: 'RecordUseEnded', operationId: other }).then(ended);
    given(requested, taken, used, ended).when(remove).then(deleting);
  });
});
