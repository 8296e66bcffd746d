import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { diskAppend, plantTree, type Tree } from '../contract/sample-appends.js';
import { beginIncarnation } from './incarnation.js';
import { logHead, verifyLog } from './log-records.js';
import { PostgresEventStore, readPool } from './postgres-event-store.js';
import { signHeadOfDay, storedHeads } from './signed-heads.js';

let postgres: TestPostgres;
let database: TestDatabase;
let pool: pg.Pool;
let tree: Tree;
let store: PostgresEventStore;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
  pool = readPool(database.worker, 4, 10_000);
  store = new PostgresEventStore({ url: database.api });
  tree = await plantTree(store);
  return async () => void (await Promise.all([pool.end(), store.close()]));
});

const asAdmin = async (sql: string) => {
  const client = new pg.Client({ connectionString: database.admin });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

const pair = generateKeyPairSync('ed25519');
const signing = { privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
const verifying = { publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() };
const secret = { secret: randomBytes(32) };
const morning = new Date('2026-11-22T06:00:00.123Z');
const night = new Date('2026-11-22T23:59:59.999Z');
const nextDay = new Date('2026-11-23T00:00:00.000Z');

describe('the signed heads of a log', () => {
  it('are one for each day, however many processes sign', async () => {
    const signed = await Promise.all([1, 2, 3].map(() => signHeadOfDay(pool, signing, morning)));
    const [head, ...others] = signed.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    expect(head).toMatchObject({ ...(await logHead(pool)), signedAt: morning.toISOString() });
    expect(await signHeadOfDay(pool, signing, night)).toBeUndefined();
    await store.append(diskAppend(tree.project));
    const next = await signHeadOfDay(pool, signing, nextDay);
    expect(await storedHeads(pool, verifying)).toEqual([next, head]);
  });

  it('hold against the log, and show that its tail was cut off', async () => {
    await signHeadOfDay(pool, signing, morning);
    await store.append(diskAppend(tree.project));
    await signHeadOfDay(pool, signing, nextDay);
    const held = async () => verifyLog(pool, { heads: await storedHeads(pool, verifying), key: verifying });
    expect((await held()).faults).toEqual([]);
    await asAdmin('delete from events where position > 4');
    expect((await held()).faults).toMatchObject([{ fault: 'cut-off', position: 5 }]);
    await asAdmin(`update signed_heads set position = 4 where position = 5`);
    expect((await held()).faults).toMatchObject([{ fault: 'bad-signature', position: 4 }]);
  });

  it('are those of one key: another one begins anew', async () => {
    await signHeadOfDay(pool, signing, morning);
    const other = await signHeadOfDay(pool, secret, morning);
    expect(await storedHeads(pool, secret)).toEqual([other]);
    expect(await storedHeads(pool, { secret: randomBytes(32) })).toEqual([]);
  });

  it('are those of this incarnation: a log that was restored is signed the same day', async () => {
    await signHeadOfDay(pool, signing, morning);
    await beginIncarnation(database.admin);
    expect(await storedHeads(pool, verifying)).toEqual([]);
    const head = await signHeadOfDay(pool, signing, night);
    expect(await storedHeads(pool, verifying)).toEqual([head]);
  });

  it('do not begin before the first event', async () => {
    const empty = await postgres.createDatabase();
    const own = readPool(empty.worker, 1, 10_000);
    expect(await signHeadOfDay(own, signing, morning)).toBeUndefined();
    await own.end();
  });

  it('cannot be changed or removed by whoever signs, nor read by the api', async () => {
    await signHeadOfDay(pool, signing, morning);
    await expect(pool.query('delete from signed_heads')).rejects.toThrow('permission denied');
    await expect(pool.query('update signed_heads set position = 1')).rejects.toThrow('permission denied');
    await expect(store.pool.query('select from signed_heads')).rejects.toThrow('permission denied');
  });
});
