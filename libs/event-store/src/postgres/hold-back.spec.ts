import { startTestPostgres, type TestDatabase, type TestPostgres, until } from '@strata/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LaneUnavailable } from '../append.js';
import { diskAppend, fact, newProjectId, plantTree, type Tree } from '../contract/sample-appends.js';
import { TypesHeldBack } from '../types-held-back.js';
import { laneBounds } from './lane/lane.js';
import { registerFollower, retireFollower } from './follower-state.js';
import { PostgresEventStore, type PostgresEventStoreOptions } from './postgres-event-store.js';

const known = ['ProjectChanged', 'DiskRequested'];

let postgres: TestPostgres;
let database: TestDatabase;
let pool: pg.Pool;
let tree: Tree;
let stores: PostgresEventStore[];
let heldBack: (readonly string[])[];

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
  pool = new pg.Pool({ connectionString: database.worker, max: 2 });
  stores = [];
  heldBack = [];
});
afterEach(async () => {
  await Promise.all([pool.end(), ...stores.map((store) => store.close())]);
});

const open = (options: Partial<PostgresEventStoreOptions> = {}): PostgresEventStore => {
  const store = new PostgresEventStore({ url: database.api, onHeldBack: (types) => heldBack.push(types), ...options });
  stores.push(store);
  return store;
};

/** A writer on a tree of projects, in a log that one follower follows. */
const writing = async (options: Partial<PostgresEventStoreOptions> = {}) => {
  const store = open(options);
  tree = await plantTree(store);
  await registerFollower(pool, 'disks', known);
  return store;
};

const append = (type: string, mode: 'command' | 'fact' = 'command') => {
  const sample = diskAppend(tree.project, [], { mode });
  return { ...sample, streams: sample.streams.map((stream) => ({ ...stream, events: [fact(type)] })) };
};

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const committed = { status: 'committed' };
/** Longer than any spec: what was asked once is not asked again. */
const neverAgainMs = 3_600_000;

describe('a writer', () => {
  it('holds back a type that a live follower does not know, and writes nothing of the append', async () => {
    const store = await writing();
    const { position } = await store.head();
    for (const mode of ['command', 'fact'] as const) {
      const error = await rejection(store.append(append('DiskFrobbed', mode)));
      expect(error).toBeInstanceOf(TypesHeldBack);
      // Whoever waits for the lane waits for this as well.
      expect(error).toBeInstanceOf(LaneUnavailable);
      expect(error).toMatchObject({ types: ['DiskFrobbed'], retryAfterSeconds: 3 });
    }
    expect((await store.head()).position).toBe(position);
    expect(await store.append(append('DiskRequested'))).toMatchObject(committed);
  });

  it('emits it soon after the last of them has learnt it', async () => {
    const store = await writing({ askAgainMs: 10 });
    await registerFollower(pool, 'operations', [...known, 'DiskFrobbed']);
    expect(await rejection(store.append(append('DiskFrobbed')))).toBeInstanceOf(TypesHeldBack);
    await registerFollower(pool, 'disks', [...known, 'DiskFrobbed']);
    await until('the type is emitted', async () => !(await rejection(store.append(append('DiskFrobbed')))));
  });

  it('emits it soon after the one that did not know it was retired', async () => {
    const store = await writing({ askAgainMs: 10 });
    await registerFollower(pool, 'operations', [...known, 'DiskFrobbed']);
    expect(await rejection(store.append(append('DiskFrobbed')))).toBeInstanceOf(TypesHeldBack);
    await retireFollower(pool, 'disks');
    await until('the type is emitted', async () => !(await rejection(store.append(append('DiskFrobbed')))));
  });

  it('asks once for a while, however many appends wait for the answer', async () => {
    const store = await writing({ askAgainMs: neverAgainMs });
    const together = Array.from({ length: 50 }, () => rejection(store.append(append('DiskFrobbed'))));
    for (const error of await Promise.all(together)) expect(error).toBeInstanceOf(TypesHeldBack);
    expect(await rejection(store.append(append('DiskFrobbed')))).toBeInstanceOf(TypesHeldBack);
    expect(heldBack).toEqual([['DiskFrobbed']]);
  });

  it('lets no more appends wait for an answer than for the lane', async () => {
    const store = await writing({ bounds: { ...laneBounds, waitingAppends: 20 } });
    const together = Array.from({ length: 50 }, () => store.append(append('DiskRequested')));
    const outcomes = await Promise.allSettled(together);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    const last = await rejection(together.at(-1) ?? Promise.resolve());
    expect(last).toBeInstanceOf(LaneUnavailable);
    expect(last).toMatchObject({ message: 'too many appends wait for an answer' });
    expect(await store.append(append('DiskRequested'))).toMatchObject(committed);
  });

  it('goes on with types that are known while it asks for another', async () => {
    const store = await writing({ poolSize: 1, askAgainMs: 10 });
    expect(await store.append(append('DiskRequested'))).toMatchObject(committed);
    const onlyConnection = await store.pool.connect();
    const asking = rejection(store.append(append('DiskFrobbed')));
    expect(await store.append(append('DiskRequested'))).toMatchObject(committed);
    onlyConnection.release();
    expect(await asking).toBeInstanceOf(TypesHeldBack);
  });

  it('asks no more for a type that is known', async () => {
    const store = await writing();
    expect(await open().append(append('DiskRequested'))).toMatchObject(committed);
    await registerFollower(pool, 'disks', [...known, 'DiskFrobbed']);
    expect(await store.append(append('DiskFrobbed'))).toMatchObject(committed);
    await registerFollower(pool, 'disks', []);
    // A follower that forgets stands before the first of these events already: holding back more would mend nothing.
    expect(await store.append(append('DiskFrobbed'))).toMatchObject(committed);
    expect(await rejection(store.append(append('DiskShrunk')))).toBeInstanceOf(TypesHeldBack);
  });

  it('writes into a log that nobody follows yet, but takes no type for known there', async () => {
    const store = open({ askAgainMs: 10 });
    tree = await plantTree(store);
    expect(await store.append(append('DiskFrobbed'))).toMatchObject(committed);
    await registerFollower(pool, 'disks', known);
    const heldBackNow = async () => (await rejection(store.append(append('DiskFrobbed')))) instanceof TypesHeldBack;
    await until('the type is held back', heldBackNow);
    expect(await store.append(append('DiskRequested'))).toMatchObject(committed);
  });

  it('asks again at once when a question was not answered', async () => {
    const store = await writing({ askAgainMs: neverAgainMs });
    const admin = new pg.Client({ connectionString: database.admin });
    await admin.connect();
    await admin.query('revoke select on follower_state from strata_api');
    expect(await rejection(store.append(append('DiskRequested')))).toMatchObject({ code: '42501' });
    await admin.query('grant select on follower_state to strata_api').finally(() => admin.end());
    expect(await store.append(append('DiskRequested'))).toMatchObject(committed);
  });

  it('says that the lane is unavailable when it cannot ask', async () => {
    const url = new URL(database.api);
    url.port = '1';
    const sample = diskAppend(newProjectId());
    expect(await rejection(open({ url: url.href }).append(sample))).toBeInstanceOf(LaneUnavailable);
  });
});
