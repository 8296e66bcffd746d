import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres, type TestDatabase, type TestPostgres, until } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callCli } from './captured-call.js';
import { writeSampleLog } from './sample-log.js';

let postgres: TestPostgres;
let database: TestDatabase;
let folder: string;
let admin: pg.Client;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase();
  await writeSampleLog(database.worker, 4);
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-cli-'));
  admin = new pg.Client({ connectionString: database.admin });
  await admin.connect();
  return async () => {
    await admin.end();
    await rm(folder, { recursive: true, force: true });
  };
});

const isWaiting = async (): Promise<boolean> => {
  const { rowCount } = await admin.query(
    `select from pg_locks where not granted
        and database = (select oid from pg_database where datname = current_database())`,
  );
  return rowCount !== 0;
};

describe('a command that waits for the database', () => {
  it.each(['log verify', 'quota verify', 'log sign-head', 'log export', 'log export --out'])(
    'ends as soon as it is interrupted: %s',
    async (words) => {
      await admin.query('begin; lock table events in access exclusive mode');
      const interrupt = new AbortController();
      const commandLine = words.endsWith('--out') ? `${words} ${join(folder, 'log')}` : words;
      const env = { DATABASE_URL: database.worker, STRATA_HEAD_SIGNING_KEY: '0'.repeat(64) };
      const called = callCli(commandLine, env, interrupt.signal);
      await until('it waits', isWaiting);
      interrupt.abort();
      expect(await called).toEqual({ code: 130, out: [], err: [] });
      expect(await readdir(folder)).toEqual([]);
      await admin.query('rollback');
    },
  );
});
