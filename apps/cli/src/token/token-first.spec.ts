import { PostgresTokenStore, readPool } from '@strata/event-store/postgres';
import { TokenAuthenticator } from '@strata/projects';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callCli } from '../captured-call.js';

let postgres: TestPostgres;
let database: TestDatabase;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
});

const callerWith = async (token: string | undefined) => {
  const pool = readPool(database.api, 2, 5_000);
  try {
    return await new TokenAuthenticator(new PostgresTokenStore(pool)).authenticate({
      authorization: `Bearer ${token}`,
    });
  } finally {
    await pool.end();
  }
};

describe('strata token first', () => {
  it.each(['worker', 'api'] as const)(
    'lets a platform-admin into an empty installation, as strata_%s',
    async (role) => {
      const { code, out, err } = await callCli('token first', { DATABASE_URL: database[role] });
      expect({ code, lines: out.length, err }).toEqual({ code: 0, lines: 1, err: [] });
      expect(await callerWith(out[0])).toMatchObject({ platformRoles: ['platform-admin'] });
    },
  );

  it('is refused an empty name', async () => {
    expect(await callCli('token first --name=', { DATABASE_URL: database.api })).toMatchObject({
      code: 2,
      out: [],
      err: ['strata token first: --name must not be empty'],
    });
  });

  it('may be called again: each token is another one, and the root is made once', async () => {
    const first = await callCli('token first --name Alex', { DATABASE_URL: database.api });
    const second = await callCli('token first', { DATABASE_URL: database.api });
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.out[0]).not.toBe(first.out[0]);
    for (const token of [first.out[0], second.out[0]]) expect(await callerWith(token)).not.toBeNull();
  });
});
