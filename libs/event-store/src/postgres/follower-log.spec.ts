import { startTestPostgres, until, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { diskAppend, fact, plantTree, type Tree } from '../contract/sample-appends.js';
import { defineEvents, EventTypes } from '../event-types.js';
import { LogTail } from './follower-log.js';
import { FollowerRunner } from './follower-runner.js';
import { PostgresEventStore } from './postgres-event-store.js';

const logLength = 2_400;

let postgres: TestPostgres;
let database: TestDatabase;
let store: PostgresEventStore;
let pool: pg.Pool;
let tree: Tree;
let statements = 0;
let tail: LogTail;

const write = async (count: number): Promise<void> => {
  const events = Array.from({ length: count }, () => fact('DiskRequested'));
  const streams = [{ stream: `disk-${newId()}`, projectId: tree.project, expectedVersion: 0, events } as const];
  await store.append(diskAppend(tree.project, [], { streams }));
};

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase();
  store = new PostgresEventStore({ url: database.api });
  pool = new pg.Pool({ connectionString: database.worker, max: 4 });
  pool.on('acquire', () => (statements += 1));
  tree = await plantTree(store);
  for (let { position } = await store.head(); position < logLength; { position } = await store.head())
    await write(Math.min(400, logLength - position));
});
afterAll(async () => {
  await Promise.all([pool.end(), store.close()]);
  await postgres.stop();
});
beforeEach(() => {
  tail = new LogTail(pool);
  statements = 0;
});

const positions = async (after: number, limit: number): Promise<readonly number[]> =>
  (await tail.read(after, limit)).map(({ position }) => position);
const from = (after: number, count: number) => Array.from({ length: count }, (_, n) => after + 1 + n);

describe('the tail of the log that the followers of a process share', () => {
  it('asks the database once for what several read in small pieces, and one that gathered in a large one', async () => {
    for (let after = 100; after < 200; after += 10) expect(await positions(after, 10)).toEqual(from(after, 10));
    expect(statements).toBe(10);
    expect(await positions(100, 1_000)).toEqual(from(100, 100));
    expect(await positions(155, 20)).toEqual(from(155, 20));
    expect(await positions(199, 5)).toEqual([200]);
    expect(statements).toBe(10);
  });

  it('goes on to the end, and tells that there is none', async () => {
    expect(await positions(logLength - 5, 100)).toEqual(from(logLength - 5, 5));
    expect(await positions(logLength, 100)).toEqual([]);
  });

  it('asks once for those who read the same at the same time, and gives nobody more than was asked for', async () => {
    const both = await Promise.all([positions(300, 100), positions(300, 7)]);
    expect(both).toEqual([from(300, 100), from(300, 7)]);
    expect(statements).toBe(1);
  });

  it('keeps the newest, whoever reads far behind them or across their beginning', async () => {
    expect(await positions(2_000, 100)).toEqual(from(2_000, 100));
    expect(await positions(10, 50)).toEqual(from(10, 50));
    expect(await positions(1_950, 100)).toEqual(from(1_950, 100));
    expect(statements).toBe(3);
    expect(await positions(2_040, 100)).toEqual(from(2_040, 60));
    expect(statements).toBe(3);
    // Overlaps with what is kept, and goes beyond.
    expect(await positions(1_990, 200)).toEqual(from(1_990, 200));
    expect(await positions(2_090, 200)).toEqual(from(2_090, 100));
    expect(statements).toBe(4);
  });

  it('keeps no more than 2 000', async () => {
    for (let after = 0; after < logLength; after += 600) await tail.read(after, 600);
    statements = 0;
    expect(await positions(400, 10)).toEqual(from(400, 10));
    expect(statements).toBe(0);
    expect(await positions(399, 10)).toEqual(from(399, 10));
    expect(statements).toBe(1);
  });
});

/** As a restore, or a standby that was behind, leaves the database: the processes that used it go on. */
const setBack = async (position: number): Promise<void> => {
  const client = new pg.Client({ connectionString: database.admin });
  await client.connect();
  await client.query(`begin; set local session_replication_role = replica;
    delete from events where position > ${position};
    delete from checkpoints where position > ${position}; commit`);
  await client.end();
};

describe('a log that was set back and has grown past where it was', () => {
  it('is handled as it is now, not as a running process remembers it', async () => {
    const handled = new Map<number, string>();
    const follower = {
      name: 'witness',
      knows: ['DiskRequested'],
      handle: (events: readonly { position: number; id: string }[]) => {
        for (const { position, id } of events) handled.set(position, id);
        return Promise.resolve();
      },
    };
    const types = new EventTypes([
      defineEvents({ category: 'disk', types: { DiskRequested: { versions: { 1: z.looseObject({}) } } } }),
    ]);
    const first = (await store.head()).position;
    const client = new pg.Client({ connectionString: database.admin });
    await client.connect();
    await client.query("insert into checkpoints (follower, after, position) values ('witness', 0, $1)", [first]);
    const runner = new FollowerRunner({ pool, store, types, followers: [follower] });
    await runner.start();
    await write(20);
    // Its checkpoint, not only what it was handed: one that comes after the log was set back would stand in the new one.
    const standsAt = (position: number) =>
      until('the follower is at the end', async () => (await runner.status())[0]?.position === position);
    await standsAt(first + 20);
    const { position: kept } = await store.head();
    await write(20);
    await standsAt(kept + 20);
    await setBack(kept);
    await write(30);
    await until('the follower is at the new end', () => handled.has(kept + 30));
    const sql = 'select position::int, id from events where position > $1 order by position';
    const { rows } = await client.query<{ position: number; id: string }>(sql, [kept]);
    await until('all is handled', () => rows.every(({ position }) => handled.has(position)));
    expect(rows.map(({ position }) => handled.get(position))).toEqual(rows.map(({ id }) => id));
    await runner.stop();
    await client.end();
  });
});
