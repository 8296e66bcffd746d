import type { DiskCloud } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { diskStream } from '@strata/disks';
import { runStep, type StepPorts } from '@strata/operations';
import { startTestPostgres, until, type TestPostgres } from '@strata/testing';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WorkUnderTest } from '../contract/work-under-test.js';
import { CloudFlow } from './cloud-flow.js';
import { withUrgency } from './urgency.js';

const perSecond = 200;

let postgres: TestPostgres;
let work: WorkUnderTest;
let flow: CloudFlow;
let cloud: EvsDiskCloud;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  work = await WorkUnderTest.start(postgres);
  flow = new CloudFlow(work.store.pool, perSecond, pino({ level: 'silent' }));
  const access = work.access();
  cloud = new EvsDiskCloud(access, flow.optionsFor(access, work.bindingId, 'production'));
  // Logged in: a login that fails is not tried again for a while, whatever else is.
  await cloud.diskTypes();
  flow.breakers.start();
});
afterEach(async () => {
  await flow.breakers.stop();
  await cloud.close();
  await work.stop();
});

/** As a worker has them, but that nothing else is due meanwhile. */
const ports = (): StepPorts<DiskCloud> =>
  work.patiently({
    cloudOf: () => Promise.resolve(cloud),
    turnAt: (bindingId: string) => flow.turnAt(bindingId),
    withUrgency,
    random: () => 1,
  });

const asked = (count: number) => Promise.all(Array.from({ length: count }, () => work.requestDisk()));
type Asked = Awaited<ReturnType<typeof asked>>[number];

const stepOf = ({ diskId, operationId }: Asked) => {
  const memory = { looks: 0, lastSeen: null, heldBy: null, holds: [], resources: [diskStream(diskId)] };
  return runStep(ports(), operationId, memory);
};

/** How each of them ends. */
const endsOf = async (operations: readonly Asked[]) => {
  const histories = await Promise.all(operations.map(({ operationId }) => work.carryOut(operationId, ports())));
  return histories.map(({ events }) => events.at(-1)?.type);
};

const currentPerSecond = async (): Promise<number> => {
  const { rows } = await work.store.pool.query<{ rate: number }>(
    'select cloud_rate(configured, rate, slowed_at) as rate from cloud_budgets',
  );
  return rows[0]?.rate ?? perSecond;
};

const circuit = async (): Promise<string> => {
  const { rows } = await work.store.pool.query<{ state: string }>('select state from cloud_endpoints');
  return rows[0]?.state ?? 'closed';
};

const nextProbeIn = (interval: string) =>
  work.store.pool.query('update cloud_endpoints set retry_at = now() + $1::interval', [interval]);

const sentInAll = async (): Promise<number> =>
  Object.values(await work.requests()).reduce((sum, count) => sum + count, 0);

describe('work against a cloud', () => {
  it('that asks for fewer requests is sent at a lower rate, and none of it fails', { timeout: 60_000 }, async () => {
    await work.faults({ kind: 'throttle' });
    const operations = await asked(4);
    for (const each of operations) expect(await stepOf(each)).toMatchObject({ waitingFor: 'rate-budget' });
    await until('the rate has gone down', async () => (await currentPerSecond()) < perSecond * 0.75);
    await work.change('DELETE', 'faults');
    expect(await endsOf(operations)).toEqual(operations.map(() => 'OperationSucceeded'));
  });

  it(
    'that is away waits for it, sends nothing meanwhile, and goes on when it answers',
    { timeout: 60_000 },
    async () => {
      await work.faults({ kind: 'drop-request' });
      const operations = await asked(6);
      for (const each of operations) await stepOf(each);
      await until('the circuit is open', async () => (await circuit()) === 'open');
      await nextProbeIn('1 hour');
      const sent = await sentInAll();
      const more = await asked(3);
      for (const each of more) expect(await stepOf(each)).toMatchObject({ waitingFor: 'cloud' });
      expect((await sentInAll()) - sent).toBe(0);
      await work.change('DELETE', 'faults');
      await nextProbeIn('0 s');
      const all = [...operations, ...more];
      expect(await endsOf(all)).toEqual(all.map(() => 'OperationSucceeded'));
      expect(await circuit()).toBe('closed');
      expect(await work.disksInCloud()).toHaveLength(all.length);
    },
  );
});
