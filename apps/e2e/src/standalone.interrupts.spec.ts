import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasEnded, type Operation } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import { runningOf, signalAll } from './harness/process-tree.js';
import { StandaloneRun } from './harness/standalone-run.js';

let folder: string;
const runs: StandaloneRun[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-e2e-'));
});
afterEach(async () => {
  for (const run of runs.splice(0)) signalAll(await run.family(), 'SIGKILL');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dataDir = () => join(folder, 'data');
const launch = async (heldAt: 'simulator' | 'worker'): Promise<StandaloneRun> => {
  const run = await StandaloneRun.launch(dataDir(), {}, heldAt);
  runs.push(run);
  return run;
};

describe('Strata that is interrupted', () => {
  it.each([
    { when: 'PostgreSQL is being made', sign: 'postgres.unfinished', heldAt: 'simulator' },
    { when: 'the first process is starting', sign: 'logs/simulator.log', heldAt: 'simulator' },
    { when: 'the last processes are starting', sign: 'logs/worker.log', heldAt: 'worker' },
  ] as const)('ends on Ctrl-C while $when, and leaves nothing behind', async ({ sign, heldAt }) => {
    await rm(dataDir(), { recursive: true, force: true });
    const run = await launch(heldAt);
    await eventually(`${sign} is there`, () => Promise.resolve(existsSync(join(dataDir(), sign))));
    expect(await run.interrupt()).toMatchObject({ code: 0, left: [] });
    expect(run.output).not.toContain('Strata is ready');
    const again = await StandaloneRun.start(dataDir());
    runs.push(again);
    expect(await again.interrupt()).toMatchObject({ code: 0, left: [] });
  });

  it('ends at once on a second Ctrl-C while it stops, and goes on at the next start', async () => {
    const run = await StandaloneRun.start(dataDir());
    runs.push(run);
    const family = await run.family();
    const worker = await eventually('the worker runs', async () => {
      for (const pid of family) if ((await commandOf(pid)).includes('worker/dist')) return pid;
      return undefined;
    });
    process.kill(worker, 'SIGSTOP'); // so that the stop waits for it
    run.signal('SIGTERM');
    await eventually('the second Ctrl-C is another key press', () => {
      run.signal('SIGINT');
      return Promise.resolve(run.output.includes('Killed'));
    });
    expect(await run.end()).toBe(130);
    await eventually('nothing is left', async () => (await runningOf(family)).length === 0);
    const again = await StandaloneRun.start(dataDir());
    runs.push(again);
    expect(await again.interrupt()).toMatchObject({ code: 0 });
  });

  it('hears on Ctrl-C what the cloud answers to what it has been asked', async () => {
    const run = await StandaloneRun.start(dataDir());
    runs.push(run);
    const { admin, alpha, cloud, at } = await run.clients();
    await admin.call('PUT', `/v1/projects/${at.projects.alpha}/quota/limits`, { body: { limits: [] } });
    await cloud.requestsTake(500);
    const wish = { name: 'asked-for', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01', count: 20 };
    const { status, body: batch } = await alpha.post<Operation>(`/v1/projects/${at.projects.alpha}/disks`, wish);
    expect(status).toBe(202);
    const parts = () => alpha.all<Operation>(`/v1/operations?partOf=${batch.id}`);
    await eventually('one is being sent', async () => (await parts()).some((part) => part.status === 'running'));
    expect(await run.interrupt()).toMatchObject({ code: 0, left: [] });
    expect(await readFile(join(dataDir(), 'logs', 'worker.log'), 'utf8')).not.toContain(
      'the circuit to an endpoint is open',
    );

    const again = await StandaloneRun.start(dataDir());
    runs.push(again);
    const now = await again.clients();
    await now.cloud.requestsTake(0);
    await eventually('all has ended', async () =>
      hasEnded(await now.alpha.read<Operation>(`/v1/operations/${batch.id}`)),
    );
    const events = await now.alpha.all<{ type: string }>(`/v1/projects/${at.projects.alpha}/events?from=0`);
    expect(events.filter(({ type }) => type === 'AnswerLost')).toEqual([]);
    expect(await again.interrupt()).toMatchObject({ code: 0 });
  });

  it('says which part died, where its log is, and how that ends', async () => {
    const run = await StandaloneRun.start(dataDir());
    runs.push(run);
    for (const pid of await run.family())
      if ((await commandOf(pid)).includes('projector/dist')) process.kill(pid, 'SIGKILL');
    expect(await run.end()).toBe(1);
    expect(run.output).toContain(
      `projector ended (SIGKILL). The end of its log, ${join(dataDir(), 'logs', 'projector.log')}:`,
    );
    expect(run.output).toMatch(/projector\.log:\n {2}\{"level"/);
  });
});

const commandOf = (pid: number): Promise<string> => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
