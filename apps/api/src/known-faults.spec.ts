import { readPool } from '@strata/event-store/postgres';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSight } from './in-sight.js';
import { knownFaults } from './known-faults.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

describe('a database that goes away', () => {
  it('between two queries of a read is told as unavailable, as at any other moment', async () => {
    const database = await postgres.createDatabase();
    const pool = readPool(database.api, 1, 5_000);
    const gone = new Promise<void>(
      (resolve) => void pool.once('connect', (client) => client.once('end', () => resolve())),
    );
    const read = inSight(pool, 'all', async (query) => {
      const [own] = await query<{ pid: number }>('select pg_backend_pid() as pid');
      const admin = new pg.Client({ connectionString: postgres.adminUrl });
      await admin.connect();
      await admin.query('select pg_terminate_backend($1)', [own?.pid]);
      await admin.end();
      await gone;
      return query('select 1');
    });
    const fault = await read.catch((error: unknown) => error);
    expect(knownFaults(fault)?.kind.status).toBe(503);
    await pool.end();
  });
});
