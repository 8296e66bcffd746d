import { statusOf } from '@strata/disks';
import type { DiskId, SnapshotId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { MovedClock } from './contract/moved-clock.js';
import { seenAtWork } from './contract/seen-at-work.js';
import { SnapshotWork } from './contract/snapshot-work.js';
import { type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let of: SnapshotWork;
let disk: { readonly diskId: DiskId; readonly cloudId: string };

forEachWork(async (started) => {
  work = started;
  disk = await work.provisioned();
  of = new SnapshotWork(work, disk);
});

const take = () => of.take();
const taken = () => of.taken();
const remove = ({ snapshotId, cloudId }: { snapshotId: SnapshotId; cloudId: string }) =>
  of.carriedOut('snapshot.delete', snapshotId, { cloudId }, { type: 'RequestDeletion' });
const requestRollback = ({ snapshotId, cloudId }: { snapshotId: SnapshotId; cloudId: string }) =>
  of.request(
    'snapshot.rollback',
    snapshotId,
    { cloudId, cloudDiskId: disk.cloudId, wasBroken: false },
    { type: 'RequestRollback' },
    { type: 'RequestRollback', snapshotId },
  );
const rollBack = async (snapshot: { snapshotId: SnapshotId; cloudId: string }) =>
  work.carryOut(await requestRollback(snapshot));
const inCloud = () => work.cloud.snapshots.findSnapshotsOfDisk(disk.cloudId);
const lifeOf = async (snapshotId: SnapshotId) => (await of.snapshotNow(snapshotId)).life;

/** Each leaves the worker without an answer to something that took effect. */
const lostAnswers = ['drop-answer', 'error-after-accept', 'hang'] as const;

describe('taking a snapshot', () => {
  it('ends with one in the cloud, charged as one and with the size of its disk', async () => {
    const { snapshotId, operation } = await take();
    expect(operation.status).toBe('succeeded');
    expect(await inCloud()).toMatchObject([{ name: 'before', metadata: { k: 'v' }, sizeGiB: 20 }]);
    expect(await lifeOf(snapshotId)).toBe('in-cloud');
    expect(await work.figures()).toEqual({ held: 0, used: 40, releasing: 0 });
    expect(await work.diskNow(disk.diskId)).toMatchObject({ open: null, snapshots: [{ snapshotId, made: true }] });
  });

  it.each(lostAnswers)('adopts the one of a lost answer and sends no second time (%s)', async (kind) => {
    await work.faults({ kind, times: 1, match: { operation: 'snapshots.create' } });
    const { operation, events } = await take();
    expect(operation.status).toBe('succeeded');
    expect(events.filter(({ type }) => type === 'SendIntended')).toHaveLength(1);
    expect(await inCloud()).toHaveLength(1);
  });

  it('sends again when the request was lost on its way', async () => {
    await work.faults({ kind: 'drop-request', times: 1, match: { operation: 'snapshots.create' } });
    expect((await take()).operation.status).toBe('succeeded');
    expect(await inCloud()).toHaveLength(1);
  });

  it('that the cloud could not finish leaves it in error, charged, and known to its disk', async () => {
    await work.faults({ kind: 'job-failed', times: 1 });
    const { snapshotId, operation } = await take();
    expect(operation.status).toBe('failed');
    expect(await work.figures()).toEqual({ held: 0, used: 40, releasing: 0 });
    expect(await work.diskNow(disk.diskId)).toMatchObject({ snapshots: [{ snapshotId, made: true }] });
  });
});

describe('a snapshot that is gone before it was finished', () => {
  it('has failed within minutes, holds nothing, and leaves its disk free', async () => {
    await work.faults({ kind: 'job-failed', times: 1, leaveNothing: true, match: { operation: 'snapshots.create' } });
    const { operationId } = await of.requestSnapshot();
    const clock = new MovedClock(work);
    const { operation } = await clock.carryOut(operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { retryable: true, cloud: { code: 'not-found' } } });
    expect(clock.aheadMs).toBeLessThan(5 * 60_000);
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
    expect(await work.diskNow(disk.diskId)).toMatchObject({ open: null, snapshots: [] });
  });
});

describe('deleting a snapshot', () => {
  it.each([undefined, ...lostAnswers])('ends when its absence was observed (%s)', async (kind) => {
    const snapshot = await taken();
    if (kind) await work.faults({ kind, times: 1, match: { operation: 'snapshots.delete' } });
    expect((await remove(snapshot)).operation.status).toBe('succeeded');
    expect(await inCloud()).toEqual([]);
    expect(await lifeOf(snapshot.snapshotId)).toBe('deleted');
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
    expect(await work.diskNow(disk.diskId)).toMatchObject({ snapshots: [] });
  });
});

describe('rolling back', () => {
  it('ends with disk and snapshot as they were', async () => {
    const { operation } = await rollBack(await taken());
    expect(operation.status).toBe('succeeded');
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('available');
  });

  it('is sent once: what no look has shown is not known', async () => {
    const snapshot = await taken();
    await work.faults({ kind: 'drop-request', times: 1, match: { operation: 'snapshots.rollback' } });
    const { operation, events } = await rollBack(snapshot);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'outcome-unknown' } });
    expect(events.filter(({ type }) => type === 'SendIntended')).toHaveLength(1);
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('unknown');
    const seen = { diskId: disk.diskId, cloudId: disk.cloudId };
    await work.carryOut(await work.request('disk.refresh', disk.diskId, seen, { type: 'RequestRefresh' }));
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('available');
  });

  it('is adopted when it was seen at work after its answer was lost', async () => {
    const snapshot = await taken();
    await work.faults({ kind: 'drop-answer', times: 1, match: { operation: 'snapshots.rollback' } });
    const { operation, events } = await work.carryOut(await requestRollback(snapshot), await seenAtWork(work));
    expect(operation.status).toBe('succeeded');
    expect(events.find(({ type }) => type === 'SendAccepted')?.data).toMatchObject({ via: 'look-up' });
  });

  it('that the cloud could not finish leaves the disk in error', async () => {
    const snapshot = await taken();
    await work.faults({ kind: 'job-failed', times: 1 });
    expect((await rollBack(snapshot)).operation.status).toBe('failed');
    const left = await work.diskNow(disk.diskId);
    expect(statusOf(left)).toBe('error');
    expect(left).toMatchObject({ condition: 'error-rolling-back', cloudStatus: 'error_rollbacking' });
  });

  it('fails by name where the cloud does not offer it', async () => {
    const snapshot = await taken();
    await work.simulate('readings', { rollback: 'not-offered' });
    const { operation } = await rollBack(snapshot);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'rollback-not-offered', retryable: false } });
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('available');
  });
});
