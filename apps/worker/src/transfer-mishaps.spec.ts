import { isMissing } from '@strata/disks';
import { Pace, type StepPoint } from '@strata/operations';
import { describe, expect, it } from 'vitest';
import { FollowedViews } from './contract/followed-views.js';
import { forEachTransferWork } from './contract/for-each-test.js';
import { type TransferWork } from './contract/transfer-work.js';
import type { WorkUnderTest } from './contract/work-under-test.js';

let transfer: TransferWork;
let work: WorkUnderTest;

forEachTransferWork((started) => {
  transfer = started;
  ({ work } = transfer);
});

const now = { timeoutMs: 5_000, mayStillSend: () => true };

describe('a disk on its way to another cloud project', () => {
  it('is carried on by another worker from wherever one was lost', async () => {
    const points: StepPoint[] = ['loaded', 'intent-recorded', 'write-sent', 'answer-recorded', 'cloud-looked-at'];
    for (const point of points) {
      const moving = await transfer.accepted();
      let isLost = false;
      const passed = (reached: StepPoint) => {
        if (isLost || reached !== point) return Promise.resolve();
        isLost = true;
        return Promise.reject(new Error('the worker is gone'));
      };
      await expect(transfer.carryOut(moving.operationId, { passed })).rejects.toThrow('the worker is gone');
      const { operation } = await transfer.carryOut(moving.operationId);
      expect([point, operation.status]).toEqual([point, 'succeeded']);
      const { giver, receiver } = await transfer.inCloud(moving.cloudId);
      expect([giver, receiver?.status]).toEqual([null, 'available']);
    }
    expect(await transfer.differences()).toEqual([]);
  });

  it.each(['transfers.create', 'transfers.accept'])(
    'takes a turn in each of the two cloud projects for whatever is written there (%s lost)',
    async (call) => {
      const moving = await transfer.accepted();
      await work.faults({ kind: 'drop-answer', times: 1, match: { operation: call } });
      const turns: string[] = [];
      const turnAt = (bindingId: string) => Promise.resolve(void turns.push(bindingId));
      const { operation } = await transfer.carryOut(moving.operationId, { turnAt });
      const of = (id: string) => turns.filter((bindingId) => bindingId === id).length;
      const { 'transfers.create': offered = 0, 'transfers.delete': takenBack = 0 } = await work.requests();
      expect(of(work.bindingId)).toBe(offered + takenBack);
      expect(of(transfer.receiverBindingId)).toBe(operation.status === 'absent' ? 0 : operation.attempts);
    },
  );

  it('is offered a bounded number of times while nobody can accept it, and is left where it was', async () => {
    const moving = await transfer.accepted();
    await work.faults({ kind: 'bad-gateway', times: 200, match: { operation: 'transfers.accept' } });
    const { operation, events } = await transfer.carryOut(moving.operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { cloud: { code: 'never-taken' } } });
    expect(events.length).toBeLessThan(50);
    expect((await transfer.inCloud(moving.cloudId)).giver?.status).toBe('available');
    expect(await transfer.differences()).toEqual([]);
  });

  it('has come to nothing when it was seen where it was twice, some time apart', async () => {
    const moving = await transfer.accepted();
    /** By somebody else. */
    const moveBack = async () => {
      const offered = await transfer.receiverCloud.transfers.offerDisk(moving.cloudId, 'back', now);
      if (offered.outcome !== 'offered') throw new Error(offered.fault.message);
      await work.cloud.transfers.acceptDisk(offered.transferId, offered.key, now);
    };
    let aheadMs = 0;
    let looks = 0;
    const { operation } = await transfer.carryOut(moving.operationId, {
      nowMs: () => Date.now() + aheadMs,
      // Too slow to be looked at in the step that sends.
      pace: new Pace(100, 100),
      passed: async (point) => {
        if (point === 'loaded') aheadMs += 3 * 60_000;
        if (point === 'write-sent') await moveBack();
        if (point === 'cloud-looked-at') looks += 1;
      },
    });
    expect(operation).toMatchObject({ status: 'failed', error: { cloud: { code: 'disk-not-moved' } } });
    expect(looks).toBe(2);
    expect(await transfer.differences()).toEqual([]);
  });

  it('goes on when an offer of an attempt before shows itself only as it stands in the way', async () => {
    const { operationId } = await transfer.accepted();
    await work.faults({ kind: 'drop-answer', times: 1, match: { operation: 'transfers.create' } });
    // What was lost is not shown while it is looked for, and is once the next attempt was refused.
    const isRefused = async () => ((await work.requests())['transfers.create'] ?? 0) > 1;
    let shows = false;
    const cloudOf = transfer.watched('giver', { shown: (offers) => (shows ? offers : []) });
    const passed = async () => {
      shows ||= await isRefused();
    };
    const { operation } = await transfer.carryOut(operationId, {
      cloudOf: async (bindingId) => {
        await passed();
        return cloudOf(bindingId);
      },
    });
    expect(operation.status).toBe('succeeded');
  });
});

describe('an offer that was left and cannot be taken back', () => {
  it('does not keep the sweep from all else', async () => {
    const followed = new FollowedViews(work.databaseUrl, work.store);
    await followed.start();
    try {
      const { cloudId, operationId } = await transfer.accepted();
      await transfer.grant({ gigabytes: 10 });
      await transfer.carryOut(operationId);
      await work.cloud.transfers.offerDisk(cloudId, `${operationId}.1`, now);
      await work.faults({ kind: 'bad-gateway', times: 100, match: { operation: 'transfers.delete' } });
      const gone = await work.provisioned();
      await work.simulate(`disks/${gone.cloudId}`, { delete: true });
      await transfer.sweep(followed);
      const disk = await work.diskNow(gone.diskId);
      expect(disk.life === 'in-cloud' && isMissing(disk)).toBe(true);
    } finally {
      await followed.stop();
    }
  });
});
