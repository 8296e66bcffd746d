import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type Disk, hasEnded, type Operation } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import { streamed } from './harness/event-stream.js';
import { runningOf, signalAll } from './harness/process-tree.js';
import { StandaloneRun } from './harness/standalone-run.js';

/** One folder for the whole file: each test begins with a start on what the ones before it left there. */
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
/** With everything as it was left, the clock of the cloud too. */
const startAgain = async (): Promise<StandaloneRun> => {
  const run = await StandaloneRun.start(dataDir());
  runs.push(run);
  return run;
};
/** The clock of the cloud goes, also when a test before this one was to start it and did not come so far. */
const start = async (): Promise<StandaloneRun> => {
  const run = await startAgain();
  await (await run.clients()).cloud.clock({ rate: 1 });
  return run;
};
const launch = async (environment: Record<string, string> = {}): Promise<StandaloneRun> => {
  const run = await StandaloneRun.launch(dataDir(), environment);
  runs.push(run);
  return run;
};

/** What a shell makes of the line that the terminal shows. */
const pastedRequest = async (output: string) => {
  const line = /curl [\s\S]*?(?=\n\n)/.exec(output)?.[0];
  if (line === undefined) throw new Error(`no line to paste in: ${output}`);
  const shown = `curl() { printf '%s\\0' "$@"; }\n${line}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', shown]);
  const words = stdout.split('\0').slice(0, -1);
  const after = (option: string) => words.flatMap((word, i) => (words[i - 1] === option ? [word] : []));
  const [method, body] = [after('-X')[0], after('-d')[0]];
  const url = words.find((word) => word.startsWith('http'));
  if (method === undefined || body === undefined || url === undefined) throw new Error(`not a request: ${line}`);
  const headers = Object.fromEntries(after('-H').map((header) => header.split(': ') as [string, string]));
  return { url, init: { method, headers, body } };
};

const paste = async (run: StandaloneRun): Promise<Operation> => {
  const { url, init } = await pastedRequest(run.output);
  const response = await fetch(url, init);
  const operation = (await response.json()) as Operation;
  expect({ status: response.status, location: response.headers.get('location') }).toEqual({
    status: 202,
    location: `/v1/operations/${operation.id}`,
  });
  return operation;
};

const operationNow = (client: Client, id: string) => client.read<Operation>(`/v1/operations/${id}`);
/** The cloud has answered that it took the work: what is killed before has to wait until nothing can have been sent. */
const cloudWorks = async (client: Client, id: string): Promise<boolean> =>
  (await operationNow(client, id)).steps.some(({ name }) => name === 'cloud-work');
const ended = (client: Client, id: string) =>
  eventually(`operation ${id} has ended`, async () => {
    const operation = await operationNow(client, id);
    return hasEnded(operation) ? operation : undefined;
  });

type Clients = Awaited<ReturnType<StandaloneRun['clients']>>;

interface Quota {
  readonly dimensions: readonly { dimension: string; held: number; used: number; releasing: number }[];
}
const figuresOf = async (client: Client, projectId: string) => {
  const { dimensions } = await client.read<Quota>(`/v1/projects/${projectId}/quota`);
  const of = (wanted: string) => dimensions.find(({ dimension }) => dimension === wanted);
  const [disks, gigabytes] = [of('disks'), of('gigabytes')];
  if (disks === undefined || gigabytes === undefined) throw new Error('the quota view lacks a dimension');
  const releasing = disks.releasing + gigabytes.releasing;
  return { disksHeld: disks.held, disksUsed: disks.used, gibHeld: gigabytes.held, gibUsed: gigabytes.used, releasing };
};

const diskOf = (client: Client, operation: Operation) => {
  if (operation.target.type !== 'disk') throw new Error('not the operation of one disk');
  return client.read<Disk>(`/v1/projects/${operation.projectId}/disks/${operation.target.id}`);
};

describe('Strata in one command', () => {
  it('carries out what the pasted line asks for, as operation, disk and quota show', async () => {
    const run = await start();
    const { alpha, cloud, at } = await run.clients();
    expect((await stat(join(dataDir(), 'credentials.json'))).mode & 0o777).toBe(0o600);
    expect((await alpha.get('/health/ready')).status).toBe(200);
    // Told by a call that only throws, which bundling must not take away.
    expect((await alpha.get('/v1/projects?name=%')).status).toBe(400);
    await cloud.clock({ rate: 0 });
    await cloud.jobsTake(5_000);
    const before = await figuresOf(alpha, at.projects.alpha);
    const known = new Set((await cloud.jobs()).map(({ id }) => id));
    const now = async (id: string) => ({
      operation: (await operationNow(alpha, id)).status,
      job: (await cloud.jobs()).find((each) => !known.has(each.id))?.status,
    });

    const accepted = await paste(run);
    expect(accepted.status).toBe('queued');
    const held = { disksHeld: before.disksHeld + 1, gibHeld: before.gibHeld + 20 };
    expect(await figuresOf(alpha, at.projects.alpha)).toEqual({ ...before, ...held });
    await eventually('the cloud works', () => cloudWorks(alpha, accepted.id));
    expect(await now(accepted.id)).toEqual({ operation: 'running', job: 'INIT' });
    await cloud.clock({ advanceMs: 2_500 });
    expect(await now(accepted.id)).toEqual({ operation: 'running', job: 'RUNNING' });
    await cloud.clock({ advanceMs: 2_500, rate: 1 });
    expect(await ended(alpha, accepted.id)).toMatchObject({ status: 'succeeded' });
    expect(await now(accepted.id)).toEqual({ operation: 'succeeded', job: 'SUCCESS' });

    const disk = await diskOf(alpha, accepted);
    expect(disk.status).toBe('available');
    expect((await cloud.disks()).map(({ id }) => id)).toContain(disk.cloud?.id);
    const used = { disksUsed: before.disksUsed + 1, gibUsed: before.gibUsed + 20 };
    expect(await figuresOf(alpha, at.projects.alpha)).toEqual({ ...before, ...used });
  });

  it('lists and streams the events of an operation to its terminal one, and goes on where a reader left', async () => {
    const run = await start();
    const { alpha, at } = await run.clients();
    const operation = await paste(run);
    const path = `${at.apiUrl}/v1/operations/${operation.id}/events`;
    const followed = await streamed(`${path}?from=0`, { token: alpha.token });
    expect(followed[0]?.event).toBe('OperationRequested');
    // A server that stops ends it, too: the terminal tells.
    expect(followed.at(-1)?.event, run.output).toBe('OperationSucceeded');

    const second = followed[1];
    const rest = await streamed(path, { token: alpha.token, lastEventId: second?.id ?? '' });
    expect(rest).toEqual(followed.slice(2));

    const listed = await alpha.all<{ position: number; type: string }>(`/v1/operations/${operation.id}/events`);
    expect(listed.map(({ type }) => type)).toEqual(expect.arrayContaining(followed.map(({ event }) => event)));
    expect(followed.map(({ data }) => data['position'])).toEqual(
      listed
        .map(({ position }) => position)
        .filter((position) => position <= Number(followed.at(-1)?.data['position'])),
    );
    const ofProject = await streamed(`${at.apiUrl}/v1/projects/${at.projects.alpha}/events?from=0`, {
      token: alpha.token,
      until: ({ id }) => id === followed.at(-1)?.id,
    });
    expect(ofProject.map(({ event }) => event)).toEqual(expect.arrayContaining(['ProjectCreated', 'DiskRequested']));
  });

  it('stops on Ctrl-C within 10 s, leaves no process, and goes on with what was under way', async () => {
    const first = await start();
    const { alpha, cloud } = await first.clients();
    await cloud.clock({ rate: 0 });
    const operation = await paste(first);
    await eventually('the cloud works', () => cloudWorks(alpha, operation.id));
    const before = await alpha.all<Disk>('/v1/disks');
    expect(await first.interrupt()).toMatchObject({ code: 0, left: [], seconds: expect.toSatisfy((s) => s < 10) });

    const second = await startAgain();
    const now = await second.clients();
    expect(new Set((await now.alpha.all<Disk>('/v1/disks')).map(({ id }) => id))).toEqual(
      new Set(before.map(({ id }) => id)),
    );
    await expectToGoOn(now, operation);
    await expectTheSameDisks(second, operation);
  });

  it.each([
    { what: 'all of it', kill: (run: StandaloneRun) => run.killWhole() },
    { what: 'its parent alone', kill: (run: StandaloneRun) => run.killParent().then(() => undefined) },
  ])('goes on after kill -9 of $what', async ({ kill }) => {
    const first = await start();
    const { alpha, cloud } = await first.clients();
    await cloud.clock({ rate: 0 });
    const operation = await paste(first);
    await eventually('the cloud works', () => cloudWorks(alpha, operation.id));
    await kill(first);

    const second = await startAgain();
    const now = await second.clients();
    await expectToGoOn(now, operation);
    await expectTheSameDisks(second, operation);
  });

  it('leaves no process behind when its parent is killed', async () => {
    const family = await (await start()).killParent();
    await eventually('every part has ended by itself', async () => (await runningOf(family)).length === 0);
  });

  it('refuses a folder that another one holds, and says which', async () => {
    const first = await start();
    const second = await launch();
    expect(await second.end()).toBe(1);
    expect(second.output).toContain(`process ${first.pid}`);
    expect(second.output).toContain(dataDir());
    expect((await (await first.clients()).alpha.get('/health/ready')).status).toBe(200);
  });

  it.each(['STRATA_PORT', 'STRATA_SIMULATOR_PORT'])(
    'names the setting of a port that is taken, and leaves nothing behind: %s',
    async (name) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const fresh = join(folder, `fresh-${name}`);
      const run = await StandaloneRun.launch(fresh, { [name]: String(port) });
      runs.push(run);
      expect(await run.end()).toBe(1);
      expect(run.output).toContain(`port ${port}`);
      expect(run.output).toContain(name);
      await expect(stat(fresh)).rejects.toMatchObject({ code: 'ENOENT' });
      other.close();
    },
  );

  it('logs no fault in a quiet life', async () => {
    const run = await StandaloneRun.start(join(folder, 'quiet'));
    runs.push(run);
    const { alpha } = await run.clients();
    await ended(alpha, (await paste(run)).id);
    await run.interrupt();
    const logs = await Promise.all(
      ['api', 'projector', 'worker'].map((name) => readFile(join(folder, 'quiet', 'logs', `${name}.log`), 'utf8')),
    );
    const lines = logs.flatMap((log) =>
      log
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: string }),
    );
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});

/** What was under way when the clock of the cloud stood still is so after the next start, and comes to its end. */
const expectToGoOn = async ({ alpha, cloud }: Pick<Clients, 'alpha' | 'cloud'>, { id }: Operation): Promise<void> => {
  expect(await operationNow(alpha, id)).toMatchObject({ status: 'running', attempts: 1 });
  await cloud.clock({ rate: 1 });
  expect(await ended(alpha, id)).toMatchObject({ status: 'succeeded', attempts: 1 });
};

/** The cloud has the disks that Strata shows, no more and no fewer, once the operation has ended. */
const expectTheSameDisks = async (run: StandaloneRun, { id }: Operation): Promise<void> => {
  const { admin, cloud } = await run.clients();
  const shown = await eventually('every disk has its cloud id', async () => {
    const disks = await admin.all<Disk>('/v1/disks', await admin.seenTo(`/v1/operations/${id}`));
    return disks.every(({ status }) => status === 'available') ? disks : undefined;
  });
  expect(shown.map(({ cloud: at }) => at?.id).toSorted()).toEqual((await cloud.disks()).map(({ id }) => id).toSorted());
};
