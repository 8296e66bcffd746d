import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { diskAppend, fact, held, plantTree } from '../contract/sample-appends.js';
import { verifyExport } from '../log-export.js';
import { signHead } from '../signed-head.js';
import { exportLog, logHead, verifyLog } from './log-records.js';
import { PostgresEventStore, readPool } from './postgres-event-store.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

let database: TestDatabase;
let pool: pg.Pool;
const events = 24;
/** Data with what canonical JSON is about: member order, escapes, numbers of several shapes. */
const data = {
  b: 1,
  a: ['ü', 'a"b\\c', '\u2028', ''],
  n: [1e21, 1e-7, 0.1, -0, 2 ** 53],
  nested: { z: null, y: true },
};

beforeEach(async () => {
  database = await postgres.createDatabase();
  const store = new PostgresEventStore({ url: database.api });
  const { project } = await plantTree(store);
  for (let n = 0; n < 10; n += 1) {
    const events = [fact('Requested', [held('disks', 1)], data), fact('Named', [], { name: `${n}` })];
    await store.append({
      ...diskAppend(project),
      streams: [{ stream: `disk-${n}`, projectId: project, expectedVersion: 0, events }],
    });
  }
  await store.close();
  pool = readPool(database.worker, 2, 10_000);
  return () => pool.end();
});

const asAdmin = async (sql: string) => {
  const client = new pg.Client({ connectionString: database.admin });
  await client.connect();
  await client.query(sql);
  await client.end();
};

const linesOf = async (lines: AsyncIterable<string>) => {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
};

const asLines = async function* (lines: readonly string[]) {
  yield* lines;
};

describe('verification of the log', () => {
  it('recomputes every hash outside PostgreSQL', async () => {
    expect(await verifyLog(pool)).toMatchObject({
      events,
      position: events,
      faults: [],
      hash: (await logHead(pool)).hash,
    });
  });

  it.each([
    ['data', `update events set data = '{"name":"x"}' where position = 12`, ['content-changed']],
    ['charges', `update events set charges = null where position = 11`, ['content-changed']],
    ['the actor', `update events set meta = '{"actorId":"else"}' where position = 12`, ['content-changed']],
    ['the project', `update events set project_id = gen_random_uuid() where position = 12`, ['content-changed']],
    ['the type', `update events set type = 'Else' where position = 12`, ['content-changed']],
    [
      'the time',
      `update events set recorded_at = recorded_at + '1 microsecond' where position = ${events}`,
      ['chain-broken'],
    ],
    [
      'the content hash',
      `update events set content_hash = sha256('x') where position = 12`,
      ['content-changed', 'chain-broken'],
    ],
    ['a hash', `update events set hash = sha256('x') where position = 12`, ['chain-broken', 'chain-broken']],
    [
      'the order',
      `update events set position = 1000 where position = 12`,
      ['gap', 'chain-broken', 'gap', 'chain-broken', 'time-runs-backwards'],
    ],
    ['what is there', `delete from events where position = 12`, ['gap', 'chain-broken']],
  ])('finds that %s was changed', async (_, sql, faults) => {
    await asAdmin(sql);
    const verified = await verifyLog(pool);
    expect(verified.faults.map(({ fault }) => fault)).toEqual(faults);
  });

  it('finds by a signed head that the tail was cut off, or the log rewritten', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const signing = { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    const key = { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
    const head = signHead(await logHead(pool), signing, new Date('2026-11-22T00:00:00Z'));
    const { signedAt, position } = head;
    expect((await verifyLog(pool, { heads: [head], key })).faults).toEqual([]);

    const forged = { ...head, position: position - 1 };
    expect((await verifyLog(pool, { heads: [forged], key })).faults).toMatchObject([{ fault: 'bad-signature' }]);
    await asAdmin(`update log set incarnation = 'restored'`);
    expect((await verifyLog(pool, { heads: [head], key })).faults).toMatchObject([{ fault: 'not-the-signed-log' }]);
    await asAdmin(`delete from events where position = ${events}`);
    expect(await verifyLog(pool)).toMatchObject({ faults: [] });
    expect((await verifyLog(pool, { heads: [head], key })).faults).toEqual([{ fault: 'cut-off', position, signedAt }]);
  });

  it('takes heads that are signed with a secret', async () => {
    const secret = randomBytes(32);
    const head = signHead(await logHead(pool), { secret }, new Date());
    expect((await verifyLog(pool, { heads: [head], key: { secret } })).faults).toEqual([]);
    const other = await verifyLog(pool, { heads: [head], key: { secret: randomBytes(32) } });
    expect(other.faults).toMatchObject([{ fault: 'bad-signature' }]);
  });
});

describe('an export of the log', () => {
  it('is verified by itself, and tells what was changed in it', async () => {
    const lines = await linesOf(exportLog(pool));
    expect(lines).toHaveLength(events + 2);
    const { hash } = await logHead(pool);
    expect(await verifyExport(asLines(lines))).toEqual({ events, position: events, hash, faults: [] });

    const changed = lines.with(12, (lines[12] ?? '').replace('"name":"', '"name":"changed '));
    expect((await verifyExport(asLines(changed))).faults).toEqual([{ fault: 'content-changed', position: 12 }]);
    const shortened = await verifyExport(asLines(lines.slice(0, 20)));
    expect(shortened.faults).toMatchObject([{ fault: 'broken-export', position: 19, detail: 'the end is missing' }]);
    const cut = [...lines.slice(0, 20), ...lines.slice(-1)];
    expect((await verifyExport(asLines(cut))).faults).toMatchObject([{ fault: 'broken-export' }]);
    expect((await verifyExport(asLines(['{}']))).faults).toMatchObject([{ fault: 'broken-export', position: 0 }]);
    expect((await verifyExport(asLines(lines.with(5, '{')))).faults).toMatchObject([
      { fault: 'broken-export', position: 4 },
    ]);
  });

  it('is held against signed heads', async () => {
    const secret = randomBytes(32);
    const head = signHead(await logHead(pool), { secret }, new Date());
    const lines = await linesOf(exportLog(pool));
    expect((await verifyExport(asLines(lines), { heads: [head], key: { secret } })).faults).toEqual([]);
    const other = lines.with(0, (lines[0] ?? '').replace(head.incarnation, 'another'));
    expect((await verifyExport(asLines(other), { heads: [head], key: { secret } })).faults).toMatchObject([
      { fault: 'not-the-signed-log' },
    ]);
  });
});
