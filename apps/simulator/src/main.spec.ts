import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CloudClient, enter, patience } from './cloud-client.js';
import { DEFAULT_SEED } from './options.js';

const projectRoot = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

let folder: string;
const running = new Set<ChildProcess>();

beforeAll(() => {
  // Compiled inside the project, so that its packages are found from there.
  mkdirSync(join(projectRoot, 'tmp'), { recursive: true });
  folder = mkdtempSync(join(projectRoot, 'tmp', 'main-'));
  const swc = join(dirname(require.resolve('@swc/cli/package.json')), 'bin', 'swc.js');
  const args = ['src', '-d', join(folder, 'dist'), '--strip-leading-paths', '--config-file', '../../.swcrc', '-q'];
  execFileSync(process.execPath, [swc, ...args], { cwd: projectRoot });
});
afterEach(async () => {
  await Promise.all([...running].map((child) => kill(child, 'SIGKILL')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = async (environment: Record<string, string>): Promise<{ child: ChildProcess; url: string }> => {
  const child = spawn(process.execPath, [join(folder, 'dist', 'main.js')], {
    env: { STRATA_SIMULATOR_PORT: '0', STRATA_SIMULATOR_HOST: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready at (http:\S+)$/.exec(line)?.[1];
    if (url !== undefined) return { child, url };
  }
  throw new Error('the simulator ended before it was ready');
};

const kill = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return child.exitCode;
};

const clientOf = (url: string): Promise<CloudClient> =>
  enter({ url, port: 0, seed: DEFAULT_SEED, close: () => Promise.resolve() });

describe('the process', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends well on %s, also with a call that hangs', async (signal) => {
    const { child, url } = await start({});
    const cloud = await clientOf(url);
    await cloud.faults({ kind: 'hang', match: { operation: 'disks.create' } });
    const hanging = expect(cloud.create()).rejects.toThrow();
    await expect.poll(async () => (await cloud.list()).count, patience).toBe(1);
    expect(await kill(child, signal)).toBe(0);
    await hanging;
  });

  it('says which setting is wrong', async () => {
    const child = spawn(process.execPath, [join(folder, 'dist', 'main.js')], {
      env: { STRATA_SIMULATOR_PORT: 'seven' },
    });
    running.add(child);
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(errors).toContain('STRATA_SIMULATOR_PORT');
  });

  it('killed in the middle of the work has forgotten nothing that it answered', async () => {
    const dataFolder = join(folder, 'data');
    const answered: string[] = [];
    for (const enough of [20, 45, 90]) {
      const { child, url } = await start({ STRATA_SIMULATOR_DIR: dataFolder });
      const cloud = await clientOf(url);
      await cloud.switch('POST', '/latency', { jobMs: 0 });
      const createUntilKilled = async (): Promise<void> => {
        for (let attempt = 0; attempt < 1_000; attempt += 1) {
          const { body } = await cloud.create();
          answered.push(body.job_id);
          if (answered.length === enough) void kill(child, 'SIGKILL');
        }
      };
      const callers = await Promise.allSettled(Array.from({ length: 8 }, createUntilKilled));
      expect(callers.every(({ status }) => status === 'rejected')).toBe(true);
      expect(answered.length).toBeGreaterThanOrEqual(enough);
    }
    const { url } = await start({ STRATA_SIMULATOR_DIR: dataFolder });
    const cloud = await clientOf(url);
    const jobs = await Promise.all(answered.map((id) => cloud.job(id)));
    expect(jobs.filter(({ body }) => body.status === 'SUCCESS')).toHaveLength(answered.length);
    const { count } = await cloud.list();
    expect(count).toBeGreaterThanOrEqual(answered.length);
    expect(count).toBeLessThanOrEqual(answered.length + 3 * 8);
    expect(await cloud.quota('volumes')).toMatchObject({ reserved: 0, in_use: count });
  });
});
