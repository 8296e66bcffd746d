import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresEventStore } from './postgres-event-store.js';
import { beginIncarnation } from './incarnation.js';

let postgres: TestPostgres;
let database: TestDatabase;
let store: PostgresEventStore;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
  store = new PostgresEventStore({ url: database.worker });
  return () => store.close();
});

describe('the incarnation of a log', () => {
  it('is new for a log that was restored', async () => {
    const { incarnation } = await store.head();
    const next = await beginIncarnation(database.admin);
    expect(next).not.toBe(incarnation);
    expect((await store.head()).incarnation).toBe(next);
    await expect(beginIncarnation(database.api)).rejects.toMatchObject({ code: '42501' });
  });
});
