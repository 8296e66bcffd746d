import { generateKeyPairSync } from 'node:crypto';
import { Writable } from 'node:stream';
import { loadProjectorConfig } from '@strata/config';
import { EventTypes, isSignedBy, type SignedHead } from '@strata/event-store';
import { PostgresEventStore, PostgresPeople, PostgresQuotaLedger, storedHeads } from '@strata/event-store/postgres';
import { bindingEvents, projectEvents, seed } from '@strata/projects';
import { preparePostgresQueue } from '@strata/queue/bullmq';
import { createLogger } from '@strata/telemetry';
import { startTestPostgres, type TestDatabase, type TestPostgres, until } from '@strata/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProjector, type Projector } from './projector.js';

let postgres: TestPostgres;
let database: TestDatabase;
let store: PostgresEventStore;
const lines: string[] = [];
const logger = createLogger({
  name: 'projector',
  level: 'info',
  destination: new Writable({ write: (chunk, _encoding, done) => void (lines.push(String(chunk)), done()) }),
});

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase();
  await preparePostgresQueue({ ownerUrl: database.admin, roles: ['strata_worker'] });
  store = new PostgresEventStore({ url: database.worker, types: new EventTypes([projectEvents, bindingEvents]) });
  const address = {
    region: 'eu-de',
    endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' },
    cloudProjectId: '0'.repeat(32),
    credentials: { ref: 'simulator' },
  };
  await seed({ store, ledger: new PostgresQuotaLedger(store.pool), people: new PostgresPeople(store.pool) }, address);
});
/** A day has one head: none of these may see another one begin. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date().setUTCHours(12, 0, 0, 0) });
  return () => void vi.useRealTimers();
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

const pair = generateKeyPairSync('ed25519');
const key = { publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() };
const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const projectors = (count: number, env: Record<string, string> = {}): Promise<readonly Projector[]> => {
  const config = loadProjectorConfig({ DATABASE_URL: database.worker, ...env });
  return Promise.all(Array.from({ length: count }, () => startProjector(config, logger)));
};

const headsInLog = () =>
  lines.map((line) => JSON.parse(line) as { head?: SignedHead }).flatMap(({ head }) => (head ? [head] : []));

describe('the head of the log', () => {
  it('is signed by one of several projectors, in the database and in its log', async () => {
    const running = await projectors(3, { STRATA_HEAD_SIGNING_KEY: privateKey });
    await until('a head is stored', async () => (await storedHeads(store.pool, key)).length > 0);
    await Promise.all(running.map((projector) => projector.stop()));
    const stored = await storedHeads(store.pool, key);
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({ position: (await store.head()).position });
    expect(stored.every((head) => isSignedBy(head, key))).toBe(true);
    expect(headsInLog()).toEqual(stored);
    expect(lines.join('')).not.toContain(privateKey.split('\n')[1]);
  });

  it('is left alone by a projector without a key', async () => {
    const before = headsInLog().length;
    const [projector] = await projectors(1);
    await projector?.stop();
    expect(headsInLog()).toHaveLength(before);
  });
});
