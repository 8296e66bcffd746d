import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasEnded, type Operation } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import { signalAll } from './harness/process-tree.js';
import { StandaloneRun } from './harness/standalone-run.js';

let folder: string;
const runs: StandaloneRun[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-e2e-'));
});
afterEach(async () => {
  for (const run of runs.splice(0)) signalAll(await run.family(), 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const spec = { name: 'first', type: 'SSD', availabilityZone: 'eu-de-01', sizeGiB: 20 };
const names = ['postgres', 'simulator', 'api', 'projector', 'worker'];

describe('a database that takes no more', () => {
  it('is told to callers and in the terminal, and so is its end', async () => {
    const run = await StandaloneRun.start(join(folder, 'data'));
    runs.push(run);
    const { alpha, at } = await run.clients();
    const path = `/v1/projects/${at.projects.alpha}/disks`;
    const admin = new pg.Client({ connectionString: await run.databaseUrl() });
    await admin.connect();
    const allow = async (writes: boolean) => {
      await admin.query('set default_transaction_read_only = off');
      await admin.query(`alter database strata set default_transaction_read_only = ${writes ? 'off' : 'on'}`);
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
    };
    await allow(false);
    // First, perhaps, as its connections have just been ended.
    const refused = await eventually('a request is refused as the database can only be read', async () => {
      const answer = await alpha.post<Record<string, unknown>>(path, spec);
      return answer.status === 503 && answer.body['reason'] === 'the database can only be read' ? answer : undefined;
    });
    expect(refused.body).toMatchObject({ retryable: true });
    expect(refused.body['detail']).toMatch(/^Not now, as the database can only be read\. Send the same request again/);
    await eventually('the terminal tells why', () =>
      Promise.resolve(run.output.includes('Strata is not ready: lane: the database can only be read (25006).')),
    );
    await allow(true);
    await admin.end();
    await eventually('the terminal tells the end', () =>
      Promise.resolve(run.output.includes('Strata is ready again.')),
    );
    expect((await alpha.post<Operation>(path, spec)).status).toBe(202);
    expect(await run.interrupt()).toMatchObject({ code: 0, left: [] });
  });
});

describe('logs on a disk that is full', () => {
  it('hold up no process and end none', async () => {
    const dataDir = join(folder, 'data');
    const logs = join(dataDir, 'logs');
    await mkdir(logs, { mode: 0o700, recursive: true });
    // Every write to it fails for want of room.
    for (const name of names) await symlink('/dev/full', join(logs, `${name}.log`));
    const run = await StandaloneRun.start(dataDir);
    runs.push(run);
    const { alpha, at } = await run.clients();
    const path = `/v1/projects/${at.projects.alpha}/disks`;
    const { body } = await alpha.post<Operation>(path, spec);
    const operation = await eventually('the operation has ended', async () => {
      const now = await alpha.read<Operation>(`/v1/operations/${body.id}`);
      return hasEnded(now) ? now : undefined;
    });
    expect(operation.status).toBe('succeeded');
    expect(run.output).not.toContain('a part of it is gone');
    expect(await run.interrupt()).toMatchObject({ code: 0, left: [] });
  });
});
