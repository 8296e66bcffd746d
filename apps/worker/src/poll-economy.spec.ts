import { Pace, type StepPorts } from '@strata/operations';
import type { DiskCloud } from '@strata/cloud';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ScheduledWork } from './contract/scheduled-work.js';
import { WorkUnderTest } from './contract/work-under-test.js';

let postgres: TestPostgres;
let work: WorkUnderTest;
let scheduled: ScheduledWork;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  work = await WorkUnderTest.start(postgres);
  scheduled = new ScheduledWork(work);
});
afterEach(async () => {
  await scheduled.stop();
  await work.stop();
});

/** As a worker that was started a moment ago, or one that has learnt how long a creation takes. */
const ports = (learntMs?: number): StepPorts<DiskCloud> => {
  const pace = new Pace(learntMs ?? 250, 5_000);
  if (learntMs !== undefined) pace.learn(`disk.create ${work.bindingId}`, learntMs);
  return work.ports({
    pace,
    patienceOf: () => ({ sendWithinMs: 10_000, requestTimeoutMs: 15_000, visibilityMs: 120_000 }),
  });
};

const allSent = ({ unsent }: { readonly unsent: number }) => unsent === 0;
const allEnded = ({ open }: { readonly open: number }) => open === 0;

/** What the simulator counted until all of them had ended. */
const counted = async (carryOut: () => Promise<unknown>) => {
  await fetch(`${work.simulator.url}/_simulator/requests`, { method: 'DELETE' });
  const startedMs = performance.now();
  await carryOut();
  const seconds = (performance.now() - startedMs) / 1_000;
  const answer = await fetch(`${work.simulator.url}/_simulator/requests`);
  const { calls } = (await answer.json()) as { calls: Record<string, { total: number } | undefined> };
  const of = (call: string) => calls[call]?.total ?? 0;
  return {
    seconds,
    creates: of('disks.create'),
    lists: of('disks.list'),
    jobs: of('jobs.get'),
    disks: of('disks.get'),
  };
};

const latency = (jobMs: number) => work.simulate('latency', { jobMs });

describe('what following creations costs', () => {
  it('is a list per second and two looks at most at the job of each of a thousand under way, though nothing was learnt', async () => {
    await latency(3_000);
    const count = await counted(async () => {
      await work.simulate('clock', { rate: 0 });
      await scheduled.requestDisks(1_000);
      await scheduled.run(ports(), allSent);
      await work.simulate('clock', { rate: 1 });
      await scheduled.run(ports(), allEnded);
    });
    expect(count).toMatchObject({ creates: 1_000 });
    expect(count.jobs).toBeLessThanOrEqual(2_000);
    expect(count.lists).toBeLessThanOrEqual(count.seconds + 1);
    expect(await work.disksInCloud()).toHaveLength(1_000);
  }, 240_000);

  it('stays so when some take ten times as long as was learnt', async () => {
    const count = await counted(async () => {
      for (const jobMs of [1_000, 10_000, 1_000]) {
        await latency(jobMs);
        await scheduled.requestDisks(60);
        await scheduled.run(ports(1_000), allSent);
      }
      await scheduled.run(ports(1_000), allEnded);
    });
    expect(count).toMatchObject({ creates: 180 });
    expect(count.jobs).toBeLessThanOrEqual(360);
    expect(count.lists).toBeLessThanOrEqual(count.seconds + 1);
  });

  it('is two looks at one alone, and no list, once it is known how long it takes', async () => {
    await latency(600);
    const count = await counted(async () => {
      await scheduled.requestDisks(1);
      await scheduled.run(ports(600), allEnded);
    });
    expect(count).toMatchObject({ creates: 1, lists: 0 });
    expect(count.jobs).toBeLessThanOrEqual(2);
  });

  it('is one look at each that is done at once', async () => {
    await latency(0);
    const count = await counted(async () => {
      await scheduled.requestDisks(50);
      await scheduled.run(ports(0), allEnded);
    });
    expect(count).toMatchObject({ creates: 50, jobs: 50, lists: 0 });
  });

  it('is two looks at one alone that takes longer than was learnt: the list tells its end', async () => {
    await latency(4_000);
    const count = await counted(async () => {
      await scheduled.requestDisks(1);
      await scheduled.run(ports(), allEnded);
    });
    expect(count.jobs).toBeLessThanOrEqual(2);
    expect(count.lists).toBeLessThanOrEqual(count.seconds + 1);
  });
});
