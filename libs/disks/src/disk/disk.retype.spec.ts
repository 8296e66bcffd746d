import { SnapshotId } from '@strata/kernel';
import { describe, it } from 'vitest';
import {
  amount,
  fault,
  given,
  id,
  later,
  missing,
  observed,
  provisioned,
  refreshing,
  requested,
  shownAs,
  sighting,
  whole,
  work,
} from '../contract/disk-story.js';
import { diskEvent, type DiskCommand } from './index.js';

const byType = (type: string, held: number, used = 0) => [
  amount(`disks:${type}`, held, used),
  amount(`gigabytes:${type}`, 40 * held, 40 * used),
];
const ask = (diskType: string): DiskCommand => ({ type: 'RequestRetype', diskType, work });
const failed: DiskCommand = { type: 'RecordFailed', operationId: later, fault, broken: false };

const retyping = diskEvent('DiskRetypeRequested', { ...work, fromType: 'SSD', toType: 'ESSD' }, byType('ESSD', 1));
const asItWas = diskEvent('DiskRetypeFailed', { operationId: later, fault, left: 'as-it-was' }, byType('ESSD', -1));
const unknown = diskEvent('DiskRetypeFailed', { operationId: later, fault, left: 'unknown' });

describe('changing the type of a disk', () => {
  it('holds the new type beside the old one, and nothing in the totals', () => {
    given(requested, provisioned).when(ask('ESSD')).then(retyping);
    given(requested, provisioned, retyping).shows('retyping');
  });

  it('uses the new type and not the old one when the cloud has done it', () => {
    const moved = [...byType('ESSD', -1, 1), ...byType('SSD', 0, -1)];
    const retyped = diskEvent('DiskRetyped', { operationId: later, type: 'ESSD' }, moved);
    given(requested, provisioned, retyping).when({ type: 'RecordRetyped', operationId: later }).then(retyped);
    given(requested, provisioned, retyping, retyped).when(ask('ESSD')).thenRefused('disk-type-unchanged');
    given(requested, provisioned, retyping, retyped).when({ type: 'RecordRetyped', operationId: later }).then();
  });

  it('is refused by name for the type that the disk has', () => {
    given(requested, provisioned).when(ask('SSD')).thenRefused({ type: 'disk-type-unchanged', diskType: 'SSD' });
  });

  it('is possible while servers use the disk, and in no other state', () => {
    const attachments = [{ serverId: 'server-1', device: '/dev/vdb' }];
    given(requested, provisioned, observed({ status: 'in-use', attachments }))
      .when(ask('ESSD'))
      .then(retyping);
    for (const status of ['error', 'retyping', 'error-extending', 'backing-up', 'awaiting-transfer', 'attaching'])
      given(requested, provisioned, observed({ status })).when(ask('ESSD')).thenRefused('disk-not-ready');
    given(requested, provisioned, missing).when(ask('ESSD')).thenRefused('disk-not-ready');
  });

  it('lets nothing else be done meanwhile', () => {
    const busy = {
      type: 'disk-busy',
      blockers: [{ kind: 'operation', id: shownAs, reason: 'disk.retype is under way' }],
    } as const;
    const others: readonly DiskCommand[] = [
      { type: 'RequestExtension', sizeGiB: 80, work },
      { type: 'RequestAttachment', serverId: 'server-1', device: null, work },
      { type: 'RequestDeletion', work },
      ask('GPSSD'),
    ];
    for (const other of others) given(requested, provisioned, retyping).when(other).thenRefused(busy);
  });

  it('leaves the disk as it was when it fails', () => {
    given(requested, provisioned, retyping).when(failed).then(asItWas);
    given(requested, provisioned, retyping, asItWas).when(ask('ESSD')).then(retyping);
  });
});

describe('changing the type of a disk with snapshots', () => {
  const snapshotId = SnapshotId.parse(id(41));
  const began = diskEvent('DiskSnapshotBegan', { ...work, snapshotId });
  const kept = diskEvent('DiskSnapshotKept', { operationId: later, snapshotId });
  const leaving = diskEvent('DiskSnapshotLeaving', { snapshotId });
  const stayed = diskEvent('DiskSnapshotStayed', { snapshotId });
  const there = [requested, provisioned, began, kept];
  const remove: DiskCommand = { type: 'RequestSnapshotDeletion', snapshotId };

  it('waits until those that are being deleted are gone, or stay', () => {
    given(...there)
      .when(ask('ESSD'))
      .then(retyping);
    given(...there)
      .when(remove)
      .then(leaving);
    given(...there, leaving)
      .when(remove)
      .then();
    given(...there, leaving)
      .when(ask('ESSD'))
      .thenRefused({
        type: 'snapshot-leaving',
        blockers: [{ kind: 'snapshot', id: snapshotId, reason: 'is being deleted' }],
      });
    given(...there, leaving).shows('available', 'refresh', 'update', 'image', 'snapshot', 'extend', 'attach');
    given(...there, leaving)
      .when({ type: 'RecordSnapshotStayed', snapshotId, stuck: false })
      .then(stayed);
    given(...there, leaving, stayed)
      .when({ type: 'RecordSnapshotStayed', snapshotId, stuck: false })
      .then();
    given(...there, leaving, stayed)
      .when(ask('ESSD'))
      .then(retyping);
    given(...there, leaving, diskEvent('DiskSnapshotRemoved', { snapshotId }))
      .when(ask('ESSD'))
      .then(retyping);
  });

  it('lets none be deleted meanwhile, which other work does', () => {
    given(...there, retyping)
      .when(remove)
      .thenRefused('disk-busy');
    given(...there, refreshing)
      .when(remove)
      .then(leaving);
  });
});

describe('a retype whose end nobody has seen', () => {
  const before = [requested, provisioned, retyping, unknown];

  it('keeps the new type held, and the disk unknown', () => {
    given(requested, provisioned, retyping)
      .when({ ...failed, broken: true })
      .then(unknown);
    given(...before).shows('unknown', 'refresh');
  });

  it('stays so while the cloud is at it', () => {
    const status = { status: 'retyping', cloudStatus: 'retyping' };
    given(...before)
      .when({ type: 'RecordSeen', operationId: null, sighting: { ...sighting, ...status } })
      .then(observed(status));
    given(...before, observed(status))
      .when({ type: 'RecordSeen', operationId: null, sighting: { ...sighting, ...status } })
      .then();
  });

  it('is decided by the type that is seen', () => {
    given(...before)
      .when({ type: 'RecordSeen', operationId: null, sighting })
      .then(observed({}, byType('ESSD', -1)));
    given(...before)
      .when({ type: 'RecordSeen', operationId: null, sighting: { ...sighting, type: 'ESSD' } })
      .then(
        observed({ type: 'ESSD' }, [
          ...byType('ESSD', -1),
          amount('disks:SSD', 0, -1),
          amount('disks:ESSD', 0, 1),
          amount('gigabytes:SSD', 0, -40),
          amount('gigabytes:ESSD', 0, 40),
        ]),
      );
  });

  it('ends with the disk when that is gone', () => {
    given(...before, missing)
      .when({ type: 'RequestDeletion', work })
      .then(
        diskEvent('DiskDeletionRequested', work, [...whole(0, -1, 1), ...byType('ESSD', -1)]),
        diskEvent(
          'DiskUndecidedKept',
          { undecidedGiB: 0, undecidedMove: { type: 'ESSD', sizeGiB: 40 } },
          byType('ESSD', 1),
        ),
      );
  });
});
