import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOwnTestPostgres, type OwnTestPostgres } from './postgres.js';

let postgres: OwnTestPostgres;
beforeAll(async () => {
  postgres = await startOwnTestPostgres();
});
afterAll(() => postgres.stop());

const queryOn = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

describe('PostgreSQL for tests', () => {
  it('gives every test a migrated database of its own', async () => {
    const [one, other] = await Promise.all([postgres.createDatabase(), postgres.createDatabase()]);
    await queryOn(one.worker, `insert into leases values ('theirs', 'me', 1, now())`);
    expect(await queryOn(other.worker, 'select * from leases')).toEqual([]);
    expect(await queryOn(one.api, 'select holder from leases')).toEqual([{ holder: 'me' }]);
  });

  it.each(['SIGKILL', 'SIGQUIT'] as const)('is had back after %s, with what was committed', async (signal) => {
    const { worker } = await postgres.createDatabase();
    await queryOn(worker, `insert into leases values ('theirs', 'me', 1, now())`);
    const before = postgres.pid;
    await postgres.crash(signal);
    await expect(queryOn(worker, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await postgres.revive();
    expect(await queryOn(worker, 'select holder from leases')).toEqual([{ holder: 'me' }]);
    expect(postgres.pid).not.toBe(before);
  });

  it('commits before it answers, as in production', async () => {
    const rows = await queryOn(postgres.adminUrl, `select setting from pg_settings where name = 'synchronous_commit'`);
    expect(rows).toEqual([{ setting: 'on' }]);
  });
});
