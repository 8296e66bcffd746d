import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callCli } from '../captured-call.js';
import { type SampleLog, writeSampleLog } from '../sample-log.js';

let postgres: TestPostgres;
let database: TestDatabase;
let log: SampleLog;

const asAdmin = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: database.admin });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
  log = await writeSampleLog(database.worker, 3);
});

describe('strata quota verify', () => {
  it.each(['worker', 'api'] as const)(
    'finds no difference in what the lane has written, as strata_%s',
    async (role) => {
      const { code, out, err } = await callCli('quota verify', { DATABASE_URL: database[role] });
      expect({ code, out, err }).toEqual({
        code: 0,
        out: ['no difference: 1 node recounted at position 4'],
        err: [],
      });
    },
  );

  it('lists a figure of the ledger that the log does not add up to, and answers 1', async () => {
    await asAdmin(`update quota_ledger set figures = '{5,0,0}'`);
    const { code, out, err } = await callCli('quota verify', { DATABASE_URL: database.worker });
    expect([code, err]).toEqual([1, []]);
    expect(out).toEqual([
      `node ${log.projectId}, disks: the ledger says held 5, used 0, releasing 0; the log adds up to held 3, used 0, releasing 0`,
      '1 difference: 1 node recounted at position 4',
    ]);
  });

  it('lists a charge of the log that the ledger does not have', async () => {
    await asAdmin(`delete from quota_ledger`);
    const { code, out } = await callCli('quota verify', { DATABASE_URL: database.worker });
    expect(code).toBe(1);
    expect(out[0]).toContain('the ledger says held 0, used 0, releasing 0; the log adds up to held 3');
  });

  it('tells to migrate a database without the schema', async () => {
    await asAdmin('create database empty');
    const url = database.worker.replace(database.name, 'empty');
    const { code, err } = await callCli('quota verify', { DATABASE_URL: url });
    expect(code).toBe(3);
    expect(err).toEqual([expect.stringContaining('run `strata migrate`')]);
  });

  it('ends at once when it is interrupted', async () => {
    const { code, out, err } = await callCli('quota verify', { DATABASE_URL: database.worker }, AbortSignal.abort());
    expect({ code, out, err }).toEqual({ code: 130, out: [], err: [] });
  });
});
