import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { eventStoreContract } from '../contract/event-store-contract.js';
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
});
