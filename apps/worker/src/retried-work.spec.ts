import { diskStream } from '@strata/disks';
import { everything } from '@strata/event-store';
import { OperationId, type DiskId, type StreamId } from '@strata/kernel';
import { historyOf, operationEvent } from '@strata/operations';
import { snapshotStream } from '@strata/snapshots';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { kinds } from './contract/ports-over.js';
import { SnapshotWork } from './contract/snapshot-work.js';
import { spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;

forEachWork((started) => void (work = started));

/** What the api would write for the same again. */
const retry = async (failed: string, ...of: readonly StreamId[]): Promise<OperationId> => {
  const loaded = await work.store.load({ sight: everything, streams: [`operation-${failed}`, ...of] });
  const [own, ...resources] = loaded.streams;
  const known = own && historyOf(own).operation;
  if (known?.status !== 'failed') throw new Error('there is nothing to be tried again');
  const operationId = OperationId.parse(newId());
  const again = kinds.rulesOf(known.kind).retry(known, resources, { operationId, shownAs: operationId });
  if (!again.accepted || !('input' in again)) throw new Error('it is refused');
  const { kind, bindingId, projectId, target } = known;
  const asked = { operationId, kind, bindingId, projectId, target, input: again.input, partOf: null, parts: [] };
  const requested = operationEvent('OperationRequested', { ...asked, retryOf: OperationId.parse(failed) });
  const stream = `operation-${operationId}` as const;
  await work.append({ streams: [{ stream, projectId, expectedVersion: 0, events: [requested] }, ...again.streams] });
  return operationId;
};

/** Gone from the cloud, and another one in its place; its id. */
const madeAnew = async (diskId: DiskId, cloudId: string): Promise<string> => {
  await work.simulate(`disks/${cloudId}`, { delete: true });
  await work.carryOut(await work.request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' }));
  const input = { diskId, cloudId, ...spec };
  await work.carryOut(await work.request('disk.recreate', diskId, input, { type: 'RequestRecreation' }));
  const disk = await work.diskNow(diskId);
  if (disk.life !== 'in-cloud' || disk.cloudId === cloudId) throw new Error('it was not made anew');
  return disk.cloudId;
};

/** Nothing of it is begun by its deadline. */
const tooLate = async (operationId: OperationId) => {
  const nowMs = () => Date.now() + 25 * 60 * 60_000;
  return (await work.carryOut(operationId, work.patiently({ nowMs }))).operation;
};

describe('what is tried again after its disk was made anew', () => {
  it('deletes the disk that the log has', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const before = { name: 'x', description: '', metadata: {}, force: false, marker: `${newId()}.1` };
    const sendable = { timeoutMs: 5_000, mayStillSend: () => true };
    await work.cloud.snapshots.createSnapshot({ ...before, cloudDiskId: cloudId }, sendable);
    const failed = await work.request('disk.delete', diskId, { diskId, cloudId }, { type: 'RequestDeletion' });
    const { operation } = await work.carryOut(failed);
    expect(operation).toMatchObject({ status: 'failed', error: { cloud: { code: 'has-snapshots' } } });
    await madeAnew(diskId, cloudId);
    const again = await work.carryOut(await retry(failed, diskStream(diskId)));
    expect(again.operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toEqual([]);
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });

  it('looks at the disk that the log has', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const failed = await work.request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' });
    expect(await tooLate(failed)).toMatchObject({ status: 'failed', error: { code: 'deadline-passed' } });
    const anew = await madeAnew(diskId, cloudId);
    await work.carryOut(await retry(failed, diskStream(diskId)));
    expect(await work.diskNow(diskId)).toMatchObject({ cloudId: anew, condition: 'available', fault: null });
  });
});

describe('a snapshot that is tried again after its disk was made anew', () => {
  it('is taken of the disk that the log has', async () => {
    const disk = await work.provisioned();
    const { snapshotId, operationId } = await new SnapshotWork(work, disk).requestSnapshot();
    expect(await tooLate(operationId)).toMatchObject({ status: 'failed', error: { code: 'deadline-passed' } });
    const anew = await madeAnew(disk.diskId, disk.cloudId);
    const streams = [snapshotStream(snapshotId), diskStream(disk.diskId)];
    const again = await work.carryOut(await retry(operationId, ...streams));
    expect(again.operation.status).toBe('succeeded');
    expect(await work.cloud.snapshots.findSnapshotsOfDisk(anew)).toHaveLength(1);
  });
});

describe('a disk of whose extension nobody has seen the end', () => {
  it('is extended again once it was looked at, and holds nothing then', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const ask = (kind: string, input: object, command: object) =>
      work.request(kind, diskId, { diskId, cloudId, ...input }, command);
    const extension = () => ask('disk.extend', { sizeGiB: 30 }, { type: 'RequestExtension', sizeGiB: 30 });
    await work.faults({ kind: 'job-stuck', times: 1 });
    let loads = 0;
    // Sent, then given up by the cloud while no worker was there to see it, for longer than its deadline.
    const ports = work.patiently({
      nowMs: () => Date.now() + (loads > 1 ? 61 * 60_000 : 0),
      passed: async (point) => {
        if (point === 'loaded' && (loads += 1) === 2) await work.simulate(`disks/${cloudId}`, { status: 'available' });
      },
    });
    const { operation } = await work.carryOut(await extension(), ports);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'stuck-in-cloud' } });
    expect(await work.figures()).toEqual({ held: 10, used: 20, releasing: 0 });
    await expect(extension()).rejects.toThrow('disk-not-ready');
    await work.carryOut(await ask('disk.refresh', {}, { type: 'RequestRefresh' }));
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
    expect((await work.carryOut(await extension())).operation.status).toBe('succeeded');
    expect(await work.figures()).toEqual({ held: 0, used: 30, releasing: 0 });
  });
});
