import { everything } from '@strata/event-store';
import { historyOf } from '@strata/operations';
import { startTestPostgres, until, type TestPostgres } from '@strata/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RunningWorker } from './contract/running-worker.js';
import { WorkUnderTest } from './contract/work-under-test.js';

let postgres: TestPostgres;
let work: WorkUnderTest;
let running: RunningWorker;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  work = await WorkUnderTest.start(postgres);
  running = await RunningWorker.start(postgres, work, {
    STRATA_SEND_BEFORE_MS: '2000',
    STRATA_CLOUD_REQUEST_TIMEOUT_MS: '2000',
    STRATA_CLOUD_VISIBILITY_MS: '1000',
  });
});
afterEach(async () => {
  await running.stop();
  await work.stop();
});

const asked = async (count: number): Promise<readonly string[]> => {
  const requested = await Promise.all(Array.from({ length: count }, () => work.requestDisk()));
  return requested.map(({ operationId }) => operationId);
};

const typesOf = async (operationIds: readonly string[]): Promise<readonly (readonly string[])[]> => {
  const streams = operationIds.map((id) => `operation-${id}` as const);
  const loaded = await work.store.load({ sight: everything, streams });
  return loaded.streams.map((stream) => historyOf(stream).events.map(({ type }) => type));
};
const allHave = async (operationIds: readonly string[], type: string) =>
  (await typesOf(operationIds)).every((types) => types.includes(type));

const circuit = async (): Promise<string> => {
  const { rows } = await work.store.pool.query<{ state: string }>('select state from cloud_endpoints');
  return rows[0]?.state ?? 'closed';
};

const patienceMs = 60_000;

describe('an outage of the cloud', () => {
  it('fails nothing: all waits for the cloud, and goes on when it is back', { timeout: 4 * patienceMs }, async () => {
    await work.simulate('latency', { jobMs: 3_600_000 });
    const underWay = await asked(3);
    await until('the cloud has taken them', () => allHave(underWay, 'SendAccepted'), patienceMs);

    await running.cloud.cut();
    const all = [...underWay, ...(await asked(6))];
    await until('the circuit is open', async () => (await circuit()) === 'open', patienceMs);
    // Not all at once: one of them may be the one that tries whether the cloud is back.
    const waited = new Set<string>();
    const haveWaited = async () => {
      for (const id of await running.waitingForCloud(all)) waited.add(id);
      return waited.size === all.length;
    };
    await until('all of it has waited for the cloud', haveWaited, patienceMs);
    const ended = ['OperationSucceeded', 'OperationFailed', 'OperationCancelled'];
    expect((await typesOf(all)).flat().filter((type) => ended.includes(type))).toEqual([]);

    await work.simulate('latency', { jobMs: 0 });
    await work.simulate('clock', { advanceMs: 4_000_000 });
    await running.cloud.open();
    await until('all of it has succeeded', () => allHave(all, 'OperationSucceeded'), patienceMs);
    expect([await circuit(), running.faults]).toEqual(['closed', []]);
    expect(await work.disksInCloud()).toHaveLength(all.length);
    expect(await work.figures()).toEqual({ held: 0, used: 20 * all.length, releasing: 0 });
  });
});
