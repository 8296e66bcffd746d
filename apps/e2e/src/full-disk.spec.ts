import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const names = ['postgres', 'simulator', 'api', 'projector', 'worker'];

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
    const spec = { name: 'first', type: 'SSD', availabilityZone: 'eu-de-01', sizeGiB: 20 };
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
