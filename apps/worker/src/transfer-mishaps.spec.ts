import { isMissing } from '@strata/disks';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FollowedViews } from './contract/followed-views.js';
import { TransferWork } from './contract/transfer-work.js';
import type { WorkUnderTest } from './contract/work-under-test.js';

let postgres: TestPostgres;
let transfer: TransferWork;
let work: WorkUnderTest;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  transfer = await TransferWork.start(postgres);
  ({ work } = transfer);
});
afterEach(() => transfer.stop());

const now = { timeoutMs: 5_000, mayStillSend: () => true };

describe('a disk on its way to another cloud project', () => {
  it('is offered a bounded number of times while nobody can accept it, and is left where it was', async () => {
    const moving = await transfer.accepted();
    await work.faults({ kind: 'bad-gateway', times: 200, match: { operation: 'transfers.accept' } });
    const { operation, events } = await transfer.carryOut(moving.operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { cloud: { code: 'never-taken' } } });
    expect(events.length).toBeLessThan(50);
    expect((await transfer.inCloud(moving.cloudId)).giver?.status).toBe('available');
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
      await transfer.sweep(followed.views);
      const disk = await work.diskNow(gone.diskId);
      expect(disk.life === 'in-cloud' && isMissing(disk)).toBe(true);
    } finally {
      await followed.stop();
    }
  });
});
