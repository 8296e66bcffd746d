import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readPool, urlOf } from '@strata/event-store/postgres';
import type { CliConfig } from '@strata/config';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Invocation } from '../call/command.js';
import { CliFault, unusable } from '../call/fault.js';

/** Chunks of a verification or a recount are larger than what a request reads. */
const statementTimeoutMs = 60_000;

/** What of the embedded mode's `keys.json` is needed here. */
const Keys = z.object({ workerPassword: z.string() });

const textIn = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliFault(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** PostgreSQL's own file: process in the first line, port in the fourth, `ready` in the eighth once it answers. */
const portIn = async (folder: string): Promise<number | undefined> => {
  const lines = (await textIn(join(folder, 'postgres', 'postmaster.pid')))?.split('\n') ?? [];
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined;
  return lines[7]?.trim() === 'ready' && port > 0 ? port : undefined;
};

const keysIn = async (path: string): Promise<z.infer<typeof Keys>> => {
  const text = await textIn(path);
  if (text === undefined) {
    throw unusable(
      'which database? Set DATABASE_URL (as strata_worker), or start the embedded Strata with `npm start`; its folder is STRATA_DATA_DIR, else .strata',
    );
  }
  try {
    return Keys.parse(JSON.parse(text));
  } catch {
    throw new CliFault(`${path} is not what the embedded Strata has written`);
  }
};

const embeddedUrl = async (dataDir: string): Promise<string> => {
  const folder = resolve(dataDir);
  const { workerPassword: password } = await keysIn(join(folder, 'keys.json'));
  const port = await portIn(folder);
  if (port === undefined) {
    throw new CliFault(
      `the Strata in ${folder} does not run: start it with \`npm start\` in another terminal, then try again`,
    );
  }
  return urlOf(`postgresql://127.0.0.1:${port}/strata`, { user: 'strata_worker', password });
};

/** `DATABASE_URL` where it is set, else the embedded Strata that runs in the data folder. */
export const databaseUrl = async (config: CliConfig): Promise<string> =>
  config.databaseUrl ?? (await embeddedUrl(config.dataDir));

/** After an abort the connections are left to the end of the process: a query that waits would hold it up. */
export const withDatabase = async <T>(
  { config, signal }: Pick<Invocation, 'config' | 'signal'>,
  use: (pool: Pool) => Promise<T>,
): Promise<T> => {
  const pool = readPool(await databaseUrl(config), 2, statementTimeoutMs);
  try {
    return await use(pool);
  } finally {
    const ended = pool.end();
    if (!signal.aborted) await ended;
  }
};
