import { statusOf, type Disk } from '@strata/disks';
import { everything } from '@strata/event-store';
import type { StepPoint } from '@strata/operations';
import { describe, expect, it } from 'vitest';
import { forEachTransferWork } from './contract/for-each-test.js';
import { type TransferWork, type Charged } from './contract/transfer-work.js';
import type { WorkUnderTest } from './contract/work-under-test.js';

let transfer: TransferWork;
let work: WorkUnderTest;
/** A position of the log. */
let begunAt: number;

forEachTransferWork(async (started) => {
  transfer = started;
  ({ work } = transfer);
  begunAt = (await work.store.head()).position;
});

const gigabytes = (held: number, used: number, releasing: number): Charged => ({ held, used, releasing });
const nothing = gigabytes(0, 0, 0);
const before = { giver: gigabytes(0, 20, 0), receiver: nothing };
const meanwhile = { giver: gigabytes(0, 0, 20), receiver: gigabytes(20, 0, 0) };
const after = { giver: nothing, receiver: gigabytes(0, 20, 0) };

const placeOf = (disk: Disk) =>
  disk.life === 'in-cloud' ? [disk.projectId, disk.bindingId, disk.cloudId, statusOf(disk)] : disk.life;

/** The disk is the receiver's, in the cloud and in the log, and nothing is left of it elsewhere. */
const expectMoved = async ({ diskId, cloudId, transferId, operationId }: Awaited<ReturnType<typeof accepted>>) => {
  const { receiverId, receiverBindingId } = transfer;
  expect(placeOf(await work.diskNow(diskId))).toEqual([receiverId, receiverBindingId, cloudId, 'available']);
  const { giver, receiver } = await transfer.inCloud(cloudId);
  expect([giver, receiver?.status]).toEqual([null, 'available']);
  expect(await transfer.transferNow(transferId)).toMatchObject({ status: 'completed', operationId });
  expect(await transfer.toldToGiver(operationId)).toEqual({ result: { diskId }, error: null });
  expect(await transfer.charged()).toEqual(after);
  expect(await transfer.differences()).toEqual([]);
};

/** As if nobody had ever accepted. */
const expectKept = async ({ diskId, cloudId, transferId, operationId }: Awaited<ReturnType<typeof accepted>>) => {
  const { projectId, bindingId } = work;
  expect(placeOf(await work.diskNow(diskId))).toEqual([projectId, bindingId, cloudId, 'awaiting-transfer']);
  const { giver, receiver } = await transfer.inCloud(cloudId);
  expect([giver?.status, receiver]).toEqual(['available', null]);
  expect(await work.cloud.transfers.findTransfersOfDisk(cloudId)).toEqual([]);
  expect(await transfer.transferNow(transferId)).toMatchObject({ status: 'offered' });
  expect(await transfer.toldToGiver(operationId)).toMatchObject({
    result: null,
    error: { code: 'transfer-came-to-nothing', cloud: null },
  });
  expect(await transfer.charged()).toEqual(before);
  expect(await transfer.differences()).toEqual([]);
};

const accepted = () => transfer.accepted();

/** Stands still: a worker may go on with its send however long another one was at it meanwhile. */
const monotonicMs = () => 0;

/** Everything that was recorded since the test began, as text. */
const log = async () =>
  JSON.stringify(
    (await work.store.read({ sight: everything, after: begunAt, limit: 1_000 })).map(({ data, meta }) => [data, meta]),
  );

describe('a disk that goes to a project of another cloud project', () => {
  it('is promised there and on its way out here until it was seen there', async () => {
    const moving = await accepted();
    expect(await transfer.charged()).toEqual(meanwhile);
    expect(placeOf(await work.diskNow(moving.diskId))).toMatchObject([work.projectId, {}, {}, 'awaiting-transfer']);
    const { operation } = await transfer.carryOut(moving.operationId);
    expect(operation).toMatchObject({ status: 'succeeded', attempts: 1 });
    await expectMoved(moving);
    expect(await work.requests()).toMatchObject({ 'transfers.create': 1, 'transfers.accept': 1 });
  });

  it('keeps its marker, by which the sweep knows it', async () => {
    const moving = await accepted();
    const { giver } = await transfer.inCloud(moving.cloudId);
    await transfer.carryOut(moving.operationId);
    const { receiver } = await transfer.inCloud(moving.cloudId);
    expect(receiver).toEqual(giver);
    expect(giver?.marker).not.toBeNull();
  });

  it('may be handed back in the same way', async () => {
    const moving = await accepted();
    await transfer.carryOut(moving.operationId);
    const back = await transfer.offer(moving.diskId, transfer.receiverId);
    const operationId = await transfer.accept(back, work.projectId);
    await transfer.carryOut(operationId);
    expect(placeOf(await work.diskNow(moving.diskId))).toMatchObject([work.projectId, work.bindingId, {}, 'available']);
    expect(await transfer.differences()).toEqual([]);
  });

  it.each(['transfers.create', 'transfers.accept'])(
    'is handed over once, however the answer to %s is lost',
    async (call) => {
      for (const kind of [
        'drop-answer',
        'drop-request',
        'error-after-accept',
        'hang',
        'throttle',
        'bad-gateway',
      ] as const) {
        const moving = await transfer.accepted();
        await work.faults({ kind, times: 1, match: { operation: call } });
        const { operation } = await transfer.carryOut(moving.operationId);
        expect([call, kind, operation.status]).toEqual([call, kind, 'succeeded']);
        const { giver, receiver } = await transfer.inCloud(moving.cloudId);
        expect([giver, receiver?.status]).toEqual([null, 'available']);
        expect(await transfer.transferNow(moving.transferId)).toMatchObject({ status: 'completed' });
      }
      expect(await transfer.differences()).toEqual([]);
      expect((await transfer.charged()).giver).toEqual(nothing);
    },
  );

  it.each(['drop-answer', 'drop-request', 'throttle', 'error-after-accept'] as const)(
    'is handed over though the answer to what is taken back is lost, too (%s)',
    async (kind) => {
      const moving = await accepted();
      await work.faults(
        { kind: 'drop-answer', times: 1, match: { operation: 'transfers.create' } },
        { kind, times: 1, match: { operation: 'transfers.delete' } },
      );
      const { operation } = await transfer.carryOut(moving.operationId);
      expect(operation).toMatchObject({ status: 'succeeded', attempts: 2 });
      await expectMoved(moving);
    },
  );

  it('goes on at once when the offer whose key was lost is found, and makes another', async () => {
    const moving = await accepted();
    await work.faults({ kind: 'drop-answer', times: 1, match: { operation: 'transfers.create' } });
    const { operation, events } = await transfer.carryOut(moving.operationId);
    expect(operation).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(events.map(({ type }) => type)).toEqual([
      'OperationRequested',
      ...['SendIntended', 'AnswerLost', 'SendPresumedAbsent', 'SendIntended', 'SendAccepted', 'OperationSucceeded'],
    ]);
    // Not the third look after the end of every doubt: what was undone cannot come any more.
    expect(events[3]?.data).toMatchObject({ attempt: 1, emptyLooks: 1 });
    await expectMoved(moving);
  });

  it('waits for an offer that is not shown yet before it makes another', async () => {
    const moving = await accepted();
    await work.faults(
      { kind: 'drop-answer', times: 1, match: { operation: 'transfers.create' } },
      { kind: 'stale-list', seconds: 600, times: 2, match: { operation: 'transfers.list' } },
    );
    const { operation } = await transfer.carryOut(moving.operationId);
    expect(operation).toMatchObject({ status: 'succeeded', attempts: 2 });
    await expectMoved(moving);
  });

  it('is not ended by a worker that comes too late with its key', async () => {
    const moving = await accepted();
    let isOver = false;
    const beforeAccept = async () => {
      if (isOver) return;
      isOver = true;
      // Meanwhile another one takes the offer back, and is about to make its own when it is lost.
      const passed = (point: StepPoint) =>
        point === 'intent-recorded' ? Promise.reject(new Error('the worker is gone')) : Promise.resolve();
      await expect(transfer.carryOut(moving.operationId, { passed })).rejects.toThrow('the worker is gone');
    };
    const cloudOf = transfer.watched('receiver', { beforeAccept });
    const { operation } = await transfer.carryOut(moving.operationId, { cloudOf, monotonicMs });
    expect(operation).toMatchObject({ status: 'succeeded', attempts: 3 });
    await expectMoved(moving);
  });

  it('is told to the log without its key', async () => {
    const keys: string[] = [];
    const cloudOf = transfer.watched('giver', { offered: (key) => keys.push(key) });
    const moving = await accepted();
    await work.faults({ kind: 'drop-answer', times: 1, match: { operation: 'transfers.accept' } });
    await transfer.carryOut(moving.operationId, { cloudOf });
    expect(keys.length).toBeGreaterThan(0);
    const text = await log();
    for (const key of keys) expect(text).not.toContain(key);
  });
});

describe('a disk that does not get to the other cloud project', () => {
  it('is refused by the one that receives, and available in the one that gives', async () => {
    const moving = await accepted();
    await transfer.grant({ gigabytes: 10 });
    const { operation } = await transfer.carryOut(moving.operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'cloud-quota-exceeded' } });
    await expectKept(moving);
    await transfer.grant({ gigabytes: 100 });
    const again = await transfer.accept(moving);
    expect((await transfer.carryOut(again)).operation.status).toBe('succeeded');
    await expectMoved({ ...moving, operationId: again });
  });

  it('is not given up by a worker that is refused after another one took its offer back', async () => {
    const moving = await accepted();
    await transfer.grant({ gigabytes: 10 });
    let isOver = false;
    const beforeTakeBack = async () => {
      if (isOver) return;
      isOver = true;
      await transfer.grant({ gigabytes: 100 });
      const passed = (point: StepPoint) =>
        point === 'intent-recorded' ? Promise.reject(new Error('the worker is gone')) : Promise.resolve();
      await expect(transfer.carryOut(moving.operationId, { passed })).rejects.toThrow('the worker is gone');
    };
    const cloudOf = transfer.watched('giver', { beforeTakeBack });
    const { operation } = await transfer.carryOut(moving.operationId, { cloudOf, monotonicMs });
    expect(operation).toMatchObject({ status: 'succeeded', attempts: 3 });
    await expectMoved(moving);
  });

  it('is as it was also when the answer to what was taken back is lost', async () => {
    const moving = await accepted();
    await transfer.grant({ gigabytes: 10 });
    await work.faults({ kind: 'drop-answer', times: 1, match: { operation: 'transfers.delete' } });
    const { operation } = await transfer.carryOut(moving.operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'cloud-quota-exceeded' } });
    await expectKept(moving);
  });

  it('is refused by the one that gives, of which nothing is told to who asked', async () => {
    const moving = await accepted();
    const snapshot = { name: 'theirs' };
    await work.simulate(`disks/${moving.cloudId}/snapshots`, snapshot);
    const { operation } = await transfer.carryOut(moving.operationId);
    const error = { code: 'transfer-not-ready', cloud: { code: 'HTTP 400' } };
    expect(operation).toMatchObject({ status: 'failed', error });
    expect(JSON.stringify(operation)).not.toContain('snapshots');
    await expectKept(moving);
  });

  it('is gone from the cloud', async () => {
    const moving = await accepted();
    await work.simulate(`disks/${moving.cloudId}`, { delete: true });
    const { operation } = await transfer.carryOut(moving.operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'transfer-not-ready' } });
    expect(await transfer.charged()).toEqual(before);
  });

  it('is cancelled before anything was asked of the cloud, by a worker', async () => {
    const moving = await accepted();
    await transfer.cancel(moving.operationId);
    expect((await transfer.carryOut(moving.operationId)).operation.status).toBe('cancelled');
    await expectKept(moving);
    expect((await work.requests())['transfers.create']).toBeUndefined();
  });

  it('is cancelled while it is not known what became of the offer, which is taken back', async () => {
    const moving = await accepted();
    await work.faults({ kind: 'drop-answer', times: 1, match: { operation: 'transfers.create' } });
    const passed = async (point: StepPoint) => {
      if (point === 'write-sent') await transfer.cancel(moving.operationId);
    };
    const { operation } = await transfer.carryOut(moving.operationId, { passed });
    expect(operation).toMatchObject({ status: 'cancelled', attempts: 1 });
    await expectKept(moving);
  });

  it('is not cancelled any more when it was accepted, whatever was lost', async () => {
    const moving = await accepted();
    await work.faults({ kind: 'drop-answer', times: 1, match: { operation: 'transfers.accept' } });
    const passed = async (point: StepPoint) => {
      if (point === 'write-sent') await transfer.cancel(moving.operationId);
    };
    const { operation } = await transfer.carryOut(moving.operationId, { passed });
    expect(operation).toMatchObject({ status: 'succeeded' });
    await expectMoved(moving);
  });

  it('cannot be withdrawn while it is under way', async () => {
    const { transferId, operationId } = await accepted();
    expect(await transfer.withdraw(transferId)).toMatchObject({
      status: 'refused',
      refusal: { type: 'transfer-under-way', blockers: [{ kind: 'operation', id: operationId }] },
    });
  });

  it('is left where it was by a cloud that never says what became of it', async () => {
    const moving = await accepted();
    await work.faults({ kind: 'drop-request', match: { operation: 'transfers.create' } });
    let aheadMs = 0;
    const nowMs = () => Date.now() + (aheadMs += 10 * 60_000);
    const { operation } = await transfer.carryOut(moving.operationId, { nowMs });
    expect(operation).toMatchObject({ status: 'failed' });
    expect(await transfer.charged()).toEqual(before);
    expect(await transfer.differences()).toEqual([]);
  });
});
