import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCliConfig } from '@strata/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseUrl } from './database.js';

let folder: string;
const wanted = (env: Record<string, string> = {}) => databaseUrl(loadCliConfig({ STRATA_DATA_DIR: folder, ...env }));

const pidFile = async (pid: number, status: string): Promise<void> => {
  await mkdir(join(folder, 'postgres'), { recursive: true });
  const lines = [pid, '/data', '1700000000', '54321', '', '127.0.0.1', '', status];
  await writeFile(join(folder, 'postgres', 'postmaster.pid'), `${lines.join('\n')}\n`);
};
const keys = (content: unknown) => writeFile(join(folder, 'keys.json'), JSON.stringify(content));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the database of a command', () => {
  it('is that of DATABASE_URL, whatever runs here', async () => {
    const DATABASE_URL = 'postgresql://strata_worker:x@db:5432/strata';
    expect(await wanted({ DATABASE_URL })).toBe(DATABASE_URL);
  });

  it('is that of the embedded Strata that runs in the data folder', async () => {
    await keys({ workerPassword: 'a/b', apiPassword: 'other' });
    await pidFile(process.pid, 'ready   ');
    expect(await wanted()).toBe('postgresql://strata_worker:a%2Fb@127.0.0.1:54321/strata');
  });

  it.each([
    ['has ended', 2 ** 22 + 1, 'ready'],
    ['is still starting', process.pid, 'starting'],
  ])('is refused with the way to start it when its PostgreSQL %s', async (_when, pid, status) => {
    await keys({ workerPassword: 'x' });
    await pidFile(pid, status);
    await expect(wanted()).rejects.toThrow(`the Strata in ${folder} does not run: start it with \`npm start\``);
  });

  it('is refused with the way to name one when there is none', async () => {
    await expect(wanted()).rejects.toThrow('which database? Set DATABASE_URL');
  });

  it('is refused when the folder holds something else', async () => {
    await keys({ other: true });
    await expect(wanted()).rejects.toThrow('is not what the embedded Strata has written');
  });
});
