import { ActorId, SnapshotId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import {
  deleting,
  fault,
  given,
  id,
  later,
  missing,
  observed,
  provisioned,
  requested,
  work,
} from '../contract/disk-story.js';
import { diskEvent, foldDisk, MOST_SNAPSHOTS } from './index.js';

const snapshot = (last: number) => SnapshotId.parse(id(last));
const snapshotId = snapshot(41);
const began = diskEvent('DiskSnapshotBegan', { ...work, snapshotId });
const kept = diskEvent('DiskSnapshotKept', { operationId: later, snapshotId });
const dropped = diskEvent('DiskSnapshotDropped', { operationId: later, snapshotId });
const removed = diskEvent('DiskSnapshotRemoved', { snapshotId });
const inUse = observed({ status: 'in-use', attachments: [{ serverId: 'server', device: null }] });
const take = (last = 41) => ({ type: 'RequestSnapshot', snapshotId: snapshot(last), work }) as const;
const there = [requested, provisioned];
const since = '2026-03-02T08:00:00.000Z';

describe('a disk of which a snapshot is made', () => {
  it('is available or in use', () => {
    given(...there)
      .when(take())
      .then(began);
    given(...there, inUse)
      .when(take())
      .then(began);
    given(requested).when(take()).thenRefused('disk-busy');
    given(...there, observed({ status: 'error' }))
      .when(take())
      .thenRefused('disk-not-ready');
    given().when(take()).thenRefused('not-found');
  });

  it('is shown as it is, and is busy', () => {
    given(...there, began).shows('available');
    given(...there, inUse, began).shows('in-use');
    given(...there, began)
      .when(take(42))
      .thenRefused({
        type: 'disk-busy',
        blockers: [{ kind: 'operation', id: work.shownAs, reason: 'snapshot.create is under way' }],
      });
  });

  it('keeps it, whole or broken, and hears of it once', () => {
    const report = { type: 'RecordSnapshotKept', operationId: later, snapshotId } as const;
    given(...there, began)
      .when(report)
      .then(kept);
    given(...there, began, kept)
      .when(report)
      .then();
    given(...there, began, kept).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'delete-cascade',
    );
  });

  it('is as it was when nothing came of it', () => {
    given(...there, began)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(dropped);
    given(...there, began, dropped).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'transfer',
      'delete',
    );
  });

  it(`has ${MOST_SNAPSHOTS} at most`, () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        diskEvent('DiskSnapshotKept', { operationId: later, snapshotId: snapshot(50 + index) }),
      );
    given(...there, ...many(MOST_SNAPSHOTS - 1))
      .when(take())
      .then(began);
    given(...there, ...many(MOST_SNAPSHOTS))
      .when(take())
      .thenRefused({ type: 'too-many-snapshots', most: MOST_SNAPSHOTS });
    given(...there, ...many(MOST_SNAPSHOTS), diskEvent('DiskSnapshotRemoved', { snapshotId: snapshot(50) }))
      .when(take())
      .then(began);
  });
});

describe('a disk that has snapshots', () => {
  it('is not deleted: the cloud would delete them with it', () => {
    given(...there, began, kept)
      .when({ type: 'RequestDeletion', work })
      .thenRefused({
        type: 'has-snapshots',
        blockers: [{ kind: 'snapshot', id: snapshotId, reason: 'is a snapshot of the disk' }],
      });
    given(...there, began)
      .when({ type: 'RequestDeletion', work })
      .thenRefused('disk-busy');
  });

  it('is deleted with those that go before it, and with no other', () => {
    given(...there, began, kept)
      .when({ type: 'RequestDeletion', snapshots: [snapshotId], work })
      .then(deleting);
    given(...there, began, kept)
      .when({ type: 'RequestDeletion', snapshots: [snapshot(50)], work })
      .thenRefused('has-snapshots');
    given(...there, began, kept, deleting)
      .when({ type: 'RecordSnapshotRemoved', snapshotId })
      .then(removed);
  });

  it('is shown as deletable with them while all of them are ours and none is going', () => {
    const leaving = diskEvent('DiskSnapshotLeaving', { snapshotId });
    const foreign = diskEvent('DiskForeignSnapshotFound', { cloudId: 'theirs' });
    const withOurs = ['refresh', 'update', 'image', 'snapshot', 'extend', 'attach'];
    given(...there, began, kept).shows('available', ...withOurs, 'retype', 'delete-cascade');
    given(...there, began, kept, leaving).shows('available', ...withOurs);
    given(...there, began, kept, foreign).shows('available', ...withOurs, 'retype');
    given(...there, began, kept, missing).shows('error', 'refresh', 'delete-cascade');
    given(...there, began, kept, missing)
      .when({ type: 'RequestDeletion', snapshots: [snapshotId], work })
      .then(deleting);
    const locked = diskEvent('DiskDeletionLocked', { reason: null, by: ActorId.parse(id(21)), since });
    given(...there, began, kept, locked).shows('available', ...withOurs, 'retype');
  });

  it('is free of one when its absence was observed, whatever is under way', () => {
    const report = { type: 'RecordSnapshotRemoved', snapshotId } as const;
    given(...there, began, kept)
      .when(report)
      .then(removed);
    given(...there, began, kept, removed)
      .when(report)
      .then();
    given(...there, began, kept, removed)
      .when({ type: 'RequestDeletion', work })
      .then(deleting);
  });
});

describe('rolling a disk back', () => {
  const asked = diskEvent('DiskRollbackRequested', { ...work, snapshotId });
  const roll = { type: 'RequestRollback', snapshotId, work } as const;
  const failed = (left: 'as-it-was' | 'broken' | 'unknown') =>
    diskEvent('DiskRollbackFailed', { operationId: later, fault, left });

  it('takes a disk that is attached to nothing', () => {
    given(...there, began, kept)
      .when(roll)
      .then(asked);
    given(...there, began, kept, inUse)
      .when(roll)
      .thenRefused('disk-not-ready');
    given(...there, began, kept, asked).shows('rolling-back');
  });

  it('ends with the disk available', () => {
    const done = diskEvent('DiskRolledBack', { operationId: later });
    given(...there, began, kept, asked)
      .when({ type: 'RecordRolledBack', operationId: later })
      .then(done);
    given(...there, began, kept, asked, failed('broken'), asked, done).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'delete-cascade',
    );
  });

  it('may leave it broken, and may then be tried again', () => {
    const report = { type: 'RecordRollbackFailed', operationId: later, fault, left: 'broken' } as const;
    given(...there, began, kept, asked)
      .when(report)
      .then(failed('broken'));
    given(...there, began, kept, asked, failed('broken')).shows('error', 'refresh', 'delete-cascade');
    given(...there, began, kept, asked, failed('broken'))
      .when(roll)
      .then(asked);
  });

  it('may leave it broken as the cloud showed it', () => {
    const seen = { condition: 'error-rolling-back', cloudStatus: 'error_rollbacking' };
    const failure = { operationId: later, fault, left: 'broken', seen } as const;
    const broken = diskEvent('DiskRollbackFailed', failure);
    given(...there, began, kept, asked)
      .when({ type: 'RecordRollbackFailed', ...failure })
      .then(broken);
    expect(foldDisk([...there, began, kept, asked, broken])).toMatchObject(seen);
  });

  it('leaves it in no known state when nobody knows what came of it, until it is looked at', () => {
    given(...there, began, kept, asked, failed('unknown')).shows('unknown', 'refresh');
    given(...there, began, kept, asked, failed('unknown'))
      .when(roll)
      .thenRefused('disk-not-ready');
    given(...there, began, kept, asked, failed('unknown'), observed({})).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'delete-cascade',
    );
  });
});
