import { everything } from '@strata/event-store';
import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import type { DiskId } from '@strata/kernel';
import { historyOf } from '@strata/operations';
import { requestGroupSnapshot } from '@strata/snapshots';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let diskIds: readonly DiskId[];

forEachWork(async (started) => {
  work = started;
  diskIds = [(await work.provisioned()).diskId, (await work.provisioned()).diskId];
});

/** As the api accepts it, then each part and the whole by a worker of its own. */
const carriedOut = async () => {
  const { projectId, store } = work;
  const grants = [{ projectId, role: 'operator' }] as const;
  const caller = { actorId: newId(), kind: 'service-token', tokenId: newId(), platformRoles: [], grants } as const;
  const { executed } = await requestGroupSnapshot(
    { store, ledger: new PostgresQuotaLedger(store.pool) },
    { caller, requestId: newId(), fingerprint: '', validateOnly: false },
    { projectId, diskIds, spec: { name: 'before', description: '', metadata: {} }, force: false },
  );
  if (executed.status !== 'done') throw new Error(JSON.stringify(executed));
  const operationId = String(executed.answer['operationId']);
  const [stream] = (await store.load({ sight: everything, streams: [`operation-${operationId}`] })).streams;
  const requested = stream && historyOf(stream).operation;
  const parts = requested && requested.status !== 'absent' ? requested.parts : [];
  const [whole] = await Promise.all([operationId, ...parts].map((id) => work.carryOut(id)));
  return whole;
};

describe('snapshots of several disks', () => {
  it.each([undefined, { kind: 'drop-answer', times: 1, match: { operation: 'snapshots.create' } } as const])(
    'tell how far apart the cloud took them (%o)',
    async (fault) => {
      if (fault) await work.faults(fault);
      const whole = await carriedOut();
      expect(whole?.operation.status).toBe('succeeded');
      expect(whole?.events.at(-1)?.data).toMatchObject({
        result: {
          snapshots: diskIds.map((diskId) => ({ diskId, status: 'succeeded', error: null })),
          skewMs: expect.any(Number) as unknown,
        },
      });
      expect(await work.figures()).toEqual({ held: 0, used: 80, releasing: 0 });
    },
  );

  it('name the disk whose snapshot was left in error, which no other attempt mends', async () => {
    await work.faults({ kind: 'job-failed', times: 1 });
    const whole = await carriedOut();
    expect(whole?.operation).toMatchObject({ status: 'failed', error: { code: 'partial-failure', retryable: false } });
    const { result } = whole?.events.at(-1)?.data as { result: { snapshots: { status: string }[]; skewMs: unknown } };
    expect(result.snapshots.map(({ status }) => status).toSorted()).toEqual(['failed', 'succeeded']);
    expect(result.skewMs).toBeNull();
  });
});
