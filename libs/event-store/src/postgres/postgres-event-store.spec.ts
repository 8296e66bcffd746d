import { startTestPostgres, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LaneUnavailable } from '../append.js';
import { eventStoreContract } from '../contract/event-store-contract.js';
import { everything } from '../event-store.js';
import { PostgresEventStore } from './postgres-event-store.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

describe('the event store on PostgreSQL', () => {
  eventStoreContract(async () => {
    const { api, worker } = await postgres.createDatabase();
    const [store, other] = [new PostgresEventStore({ url: api }), new PostgresEventStore({ url: worker })];
    return { store, other, close: async () => void (await Promise.all([store.close(), other.close()])) };
  });

  it('outlives a connection that ends between two queries of whoever has it', async () => {
    const database = await postgres.createDatabase();
    const store = new PostgresEventStore({ url: database.worker });
    const client = await store.pool.connect();
    const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
    const admin = new pg.Client({ connectionString: database.admin });
    await admin.connect();
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'strata-read' and datname = current_database()`,
    );
    await admin.end();
    await ended;
    await expect(client.query('select 1')).rejects.toThrow();
    client.release(true);
    await store.close();
  });

  it('says that the store is unavailable, whatever is read, while the database is', async () => {
    const url = new URL((await postgres.createDatabase()).api);
    url.port = '1';
    const lost = new PostgresEventStore({ url: url.href });
    for (const reading of [
      () => lost.load({ sight: everything }),
      () => lost.read({ sight: everything, after: 0, limit: 1 }),
      () => lost.head(),
      () => lost.positionAt(new Date()),
    ]) {
      await expect(reading()).rejects.toThrow(LaneUnavailable);
    }
    await lost.close();
  });
});
