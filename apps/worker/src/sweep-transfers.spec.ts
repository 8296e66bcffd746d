import { findingsView, isMissing, statusOf, type FindingRow } from '@strata/disks';
import { everything } from '@strata/event-store';
import type { StepPoint } from '@strata/operations';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FollowedViews } from './contract/followed-views.js';
import { forEachTransferWork } from './contract/for-each-test.js';
import { Strangers } from './contract/strangers.js';
import { type TransferWork } from './contract/transfer-work.js';
import type { WorkUnderTest } from './contract/work-under-test.js';

let transfer: TransferWork;
let work: WorkUnderTest;
let followed: FollowedViews;

forEachTransferWork((started) => {
  transfer = started;
  ({ work } = transfer);
});
beforeEach(async () => {
  followed = new FollowedViews(work.databaseUrl, work.store);
  await followed.start();
});
afterEach(() => followed.stop());

const now = { timeoutMs: 5_000, mayStillSend: () => true };

const findings = async (): Promise<readonly FindingRow[]> => {
  await followed.caughtUp();
  const sort = { by: 'firstSeenAt', direction: 'asc' } as const;
  const where = { bindingId: [work.bindingId, transfer.receiverBindingId] };
  return (await followed.views.list({ view: findingsView, sight: everything, sort, limit: 100, where })).rows;
};

const figures = async (seen: Parameters<typeof transfer.sweep>[0] = followed) =>
  (await transfer.sweep(seen)).map(({ unknown, missing, surplusRemoved }) => [unknown, missing, surplusRemoved]);
const nothing = [
  [0, 0, 0],
  [0, 0, 0],
];

/** Carries it out, and stops right after the cloud has moved the disk and nobody knows it yet. */
const lostAfterTheMove = async ({ operationId }: Awaited<ReturnType<typeof transfer.accepted>>) => {
  const passed = (point: StepPoint) =>
    point === 'write-sent' ? Promise.reject(new Error('the worker is gone')) : Promise.resolve();
  await expect(transfer.carryOut(operationId, { passed })).rejects.toThrow('the worker is gone');
};

/** In the cloud, and not in the log: the operation was given up as nobody could look. */
const movedUnseen = async () => {
  const moved = await transfer.accepted();
  await lostAfterTheMove(moved);
  const { operation } = await transfer.carryOut(moved.operationId, { nowMs: () => Date.now() + 4 * 3_600_000 });
  expect(operation).toMatchObject({ status: 'failed', error: { code: 'outcome-unknown' } });
  return moved;
};

const unmark = (cloudId: string) => work.simulate(`disks/${cloudId}`, { metadata: {}, tags: {} });

describe('the sweep of two bindings between which a disk is on its way', () => {
  it('makes nothing of the disk while nobody knows that it has gone, marked or not', async () => {
    const [marked, bare] = [await transfer.accepted(), await transfer.accepted()];
    await lostAfterTheMove(marked);
    await unmark(bare.cloudId);
    await lostAfterTheMove(bare);
    expect(await figures()).toEqual(nothing);
    expect(await findings()).toEqual([]);
    for (const { operationId } of [marked, bare])
      expect((await transfer.carryOut(operationId)).operation.status).toBe('succeeded');
    expect(await transfer.differences()).toEqual([]);
  });

  it('makes nothing of it when it has gone, also where a list has not heard of it', async () => {
    const moved = await transfer.accepted();
    await transfer.carryOut(moved.operationId);
    expect(await figures()).toEqual(nothing);
    await work.faults({ kind: 'stale-list', seconds: 600, match: { operation: 'disks.list' } });
    expect(await figures()).toEqual(nothing);
    await work.faults();
    expect(await findings()).toEqual([]);
    const disk = await work.diskNow(moved.diskId);
    expect([statusOf(disk), disk.life === 'in-cloud' && isMissing(disk)]).toEqual(['available', false]);
  });

  it('makes nothing of it where the views do not show yet that it has gone', async () => {
    const { diskId } = await work.provisioned();
    const offer = await transfer.offer(diskId);
    await followed.caughtUp();
    await followed.stop();
    followed = new FollowedViews(work.databaseUrl, work.store);
    await transfer.carryOut(await transfer.accept(offer));
    expect(await figures({ views: followed.views })).toEqual(nothing);
    const disk = await work.diskNow(diskId);
    expect(disk.life === 'in-cloud' && isMissing(disk)).toBe(false);
    await followed.start();
    expect(await findings()).toEqual([]);
  });

  it('shows it where it came to, when nobody saw that it did, also when it was deleted where it is missing', async () => {
    const moved = await movedUnseen();
    const shown = async () =>
      (await findings()).map(({ doc: { kind, status, bindingId, diskId, evidence } }) => [
        ...[kind, status, bindingId, diskId],
        evidence.differences.map(({ member }) => member),
      ]);
    await transfer.sweep(followed);
    const missing = ['missing', 'open', work.bindingId, moved.diskId, []];
    const unknown = ['unknown', 'open', transfer.receiverBindingId, null, ['binding']];
    expect(await shown()).toEqual([missing, unknown]);
    await transfer.sweep(followed);
    expect(await shown()).toEqual([missing, unknown]);
    const deletion = { type: 'RequestDeletion' };
    const input = { diskId: moved.diskId, cloudId: moved.cloudId };
    await transfer.withdraw(moved.transferId);
    await transfer.carryOut(await work.request('disk.delete', moved.diskId, input, deletion));
    expect((await transfer.inCloud(moved.cloudId)).receiver?.status).toBe('available');
    await transfer.sweep(followed);
    expect(await shown()).toEqual([['missing', 'resolved', work.bindingId, moved.diskId, []], unknown]);
  });

  it('has it adopted where it came to, when nobody saw that it did', async () => {
    const { diskId: lost, cloudId } = await movedUnseen();
    await transfer.sweep(followed);
    const found = (await findings()).find(({ doc }) => doc.kind === 'unknown');
    const place = { bindingId: transfer.receiverBindingId, projectId: transfer.receiverId };
    if (found === undefined) throw new Error('nothing was found');
    const { operationId, diskId } = await new Strangers(work, followed, place).askedToAdopt(found, 'ledger');
    expect((await transfer.carryOut(operationId)).operation.status).toBe('succeeded');
    expect(await work.diskNow(diskId)).toMatchObject({ life: 'in-cloud', cloudId, ...place });
    await transfer.sweep(followed);
    expect((await findings()).map(({ doc: { kind, status, diskId: of } }) => [kind, status, of])).toEqual([
      ['missing', 'open', lost],
      ['unknown', 'resolved', diskId],
    ]);
    expect(await transfer.differences()).toEqual([]);
  });

  it('writes the marker back that it lost on the way', async () => {
    const moved = await transfer.accepted();
    const { giver } = await transfer.inCloud(moved.cloudId);
    await transfer.carryOut(moved.operationId);
    await unmark(moved.cloudId);
    const [, swept] = await transfer.sweep(followed);
    expect(swept).toMatchObject({ repaired: 1, findings: 0 });
    expect((await transfer.inCloud(moved.cloudId)).receiver?.marker).toBe(giver?.marker);
  });

  it('takes back what an operation left offered when it was given up, and nothing of others', async () => {
    const { diskId, cloudId, operationId } = await transfer.accepted();
    await transfer.grant({ gigabytes: 10 });
    await transfer.carryOut(operationId);
    // As if the offer of its attempt had taken effect only now.
    await work.cloud.transfers.offerDisk(cloudId, `${operationId}.1`, now);
    const theirs = await work.provisioned();
    await work.cloud.transfers.offerDisk(theirs.cloudId, 'handover-17', now);
    const other = await work.provisioned();
    await work.cloud.transfers.offerDisk(other.cloudId, `${newId()}.1`, now);
    await transfer.sweep(followed);
    expect(await work.cloud.transfers.findTransfersOfDisk(cloudId)).toEqual([]);
    expect((await transfer.inCloud(cloudId)).giver?.status).toBe('available');
    for (const each of [theirs, other])
      expect(await work.cloud.transfers.findTransfersOfDisk(each.cloudId)).toHaveLength(1);
    await transfer.sweep(followed);
    const disk = await work.diskNow(diskId);
    expect(disk).toMatchObject({ life: 'in-cloud', condition: 'available' });
  });

  it('leaves the offer alone of an operation that is at it', async () => {
    const { cloudId, operationId } = await transfer.accepted();
    await work.cloud.transfers.offerDisk(cloudId, `${operationId}.1`, now);
    await transfer.sweep(followed);
    expect(await work.cloud.transfers.findTransfersOfDisk(cloudId)).toHaveLength(1);
  });
});
