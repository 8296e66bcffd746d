import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCli } from '../captured-call.js';
import { writeSampleLog } from '../sample-log.js';

let postgres: TestPostgres;
let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase();
  pool = new pg.Pool({ connectionString: database.worker, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const retire = (follower: string) => callCli(`follower retire ${follower}`, { DATABASE_URL: database.worker });

describe('strata follower retire', () => {
  it('lets go on who waits for a follower that is no more', async () => {
    await pool.query(
      `insert into follower_state (follower, status, position, knows) values ('gone', 'running', 0, '{}'), ('here', 'running', 0, '{Made,Held}')`,
    );
    await expect(writeSampleLog(database.worker, 1)).rejects.toThrow('not every follower of the log knows Made yet');
    expect(await retire('gone')).toMatchObject({ code: 0, out: [expect.stringContaining('gone is retired')] });
    expect((await writeSampleLog(database.worker, 1)).events).toBe(2);
  });

  it('names those that there are, when it does not know the name', async () => {
    const { code, err } = await retire('nobody');
    expect([code, err]).toEqual([2, [expect.stringMatching(/there is no follower "nobody"; there are .*here/)]]);
  });
});
