import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { diskAppend, fact, plantTree, type Tree } from '../../contract/sample-appends.js';
import { everything } from '../../event-store.js';
import { defineEvents, EventTypes, UnknownEventType } from '../../event-types.js';
import type { TailScope, TailSeat } from '../../tail-seat.js';
import { beginIncarnation } from '../incarnation.js';
import { LogGrowth } from '../log-growth.js';
import { PostgresEventStore } from '../postgres-event-store.js';
import { SharedTail, tailBounds, type TailSource } from './shared-tail.js';
import { readTail, type Query } from './tail-read.js';

const types = new EventTypes([
  defineEvents({ category: 'disk', types: { DiskRequested: { versions: { 1: z.strictObject({}) } } } }),
]);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

let database: TestDatabase;
let store: PostgresEventStore;
let writer: PostgresEventStore;
let tree: Tree;
let queries = 0;
beforeEach(async () => {
  database = await postgres.createDatabase();
  store = new PostgresEventStore({ url: database.api, types, pollMs: 50 });
  writer = new PostgresEventStore({ url: database.worker });
  store.pool.on('acquire', () => (queries += 1));
  tree = await plantTree(writer);
});
afterEach(async () => {
  await Promise.all([store.close(), writer.close()]);
  await database.drop();
});

const asAdmin = async (...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: database.admin });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
};

const write = async (events = 1, type = 'DiskRequested', projectId = tree.project): Promise<number> => {
  const facts = Array.from({ length: events }, () => fact(type));
  const streams = [{ stream: `disk-${newId()}`, projectId, expectedVersion: 0, events: facts } as const];
  const verdict = await writer.append(diskAppend(projectId, [], { streams }));
  if (verdict.status !== 'committed') throw new Error(verdict.status);
  return verdict.position;
};

const longMs = 20_000;

/** A seat that has begun, and where. */
const seated = async (scope: TailScope, at = store): Promise<{ readonly seat: TailSeat; readonly from: number }> => {
  const seat = at.tail(scope);
  const told = await seat.take(longMs);
  if (told.kind !== 'from') throw new Error(`expected the beginning, not ${told.kind}`);
  return { seat, from: told.position };
};

const positionsIn = async (seat: TailSeat, count: number): Promise<readonly number[]> => {
  const positions: number[] = [];
  while (positions.length < count) {
    const told = await seat.take(longMs);
    if (told.kind !== 'events') throw new Error(`expected events, not ${told.kind}`);
    positions.push(...told.events.map(({ position }) => position));
  }
  return positions;
};

describe('the shared tail', () => {
  it('begins at the head, and tells what comes then', async () => {
    const head = (await writer.head()).position;
    const { seat, from } = await seated({ sight: everything, projectId: tree.project });
    expect(from).toBe(head);
    expect(await positionsIn(seat, (await write(2)) - head)).toEqual([head + 1, head + 2]);
    expect(await seat.take(10)).toEqual({ kind: 'nothing' });
    seat.leave();
  });

  it('is not read when nobody has a seat any more', async () => {
    const { seat } = await seated({ sight: everything });
    const reading = seat.take(longMs);
    await write();
    await reading;
    seat.leave();
    const watch = writer.tail({ sight: everything });
    await watch.take(longMs);
    queries = 0;
    for (let n = 0; n < 20; n += 1) {
      await write();
      expect(await watch.take(longMs)).toMatchObject({ kind: 'events' });
    }
    watch.leave();
    // What was under way when the last one left.
    expect(queries).toBeLessThan(3);
  });

  it('sends a reader who does not take what is told back to the log, keeping nothing for it', async () => {
    const { seat: slow } = await seated({ sight: everything });
    const { seat: quick, from } = await seated({ sight: everything });
    const count = tailBounds.mostKept + 1;
    for (let written = 0; written < count; written += 167) {
      await write(167);
      await positionsIn(quick, 167);
    }
    const told = await slow.take(longMs);
    expect(told).toMatchObject({ kind: 'from' });
    expect(told.kind === 'from' && told.position > from + tailBounds.mostKept).toBe(true);
    const next = await write();
    expect(await positionsIn(slow, 1)).toEqual([next]);
    slow.leave();
    quick.leave();
  });

  it('goes on after an outage of the database where it was', async () => {
    const { seat, from } = await seated({ sight: everything });
    await asAdmin(
      `alter database ${database.name} connection limit 0`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'strata_api'`,
    );
    const last = await write(3);
    expect(await seat.take(700)).toEqual({ kind: 'nothing' });
    await asAdmin(`alter database ${database.name} connection limit -1`);
    expect(await positionsIn(seat, 3)).toEqual([from + 1, from + 2, from + 3]);
    expect(last).toBe(from + 3);
    seat.leave();
  });

  it('begins again when the log is another one', async () => {
    const { seat } = await seated({ sight: everything });
    const incarnation = await beginIncarnation(database.admin);
    await write();
    expect(await seat.take(longMs)).toMatchObject({ kind: 'from', incarnation });
    seat.leave();
  });

  it('leaves an event that this build does not know to those whom it concerns', async () => {
    const { seat: blind } = await seated({ sight: everything, projectId: tree.other });
    const { seat } = await seated({ sight: everything, projectId: tree.project });
    const failing = blind.take(longMs);
    await Promise.all([write(1, 'NeverHeardOf', tree.other), expect(failing).rejects.toThrow(UnknownEventType)]);
    const position = await write();
    expect(await positionsIn(seat, 1)).toEqual([position]);
    blind.leave();
    seat.leave();
  });

  it('tells a fault to who waits, and is there again for the next', async () => {
    const { seat } = await seated({ sight: everything });
    const failing = seat.take(longMs);
    await asAdmin('alter function tail_log rename to tail_log_away');
    await Promise.all([write(), expect(failing).rejects.toThrow('tail_log')]);
    seat.leave();
    await asAdmin('alter function tail_log_away rename to tail_log');
    const { seat: next } = await seated({ sight: everything });
    const position = await write();
    expect(await positionsIn(next, 1)).toEqual([position]);
    next.leave();
  });

  it('reads on at once when the log grew while it read nothing new', async () => {
    const growth = new LogGrowth({ url: database.api, head: async () => (await store.head()).position });
    const query: Query = async (text) => (await store.pool.query(text)).rows;
    let grow: (() => Promise<number>) | undefined = write;
    const source: TailSource = {
      growth,
      head: () => store.head(),
      read: async (...asked) => {
        const piece = await readTail(query, ...asked);
        const growing = grow?.();
        grow = undefined;
        if (growing) growth.heard(await growing);
        return piece;
      },
      today: (event) => event,
    };
    // Had it waited, as for a log that is said to be further than it is, the seat would be told nothing.
    const tail = new SharedTail(source, { ...tailBounds, lookEveryMs: 10 * longMs, heardTooFarMs: 10 * longMs });
    const seat = tail.seat({ sight: everything });
    expect(await seat.take(longMs)).toMatchObject({ kind: 'from' });
    expect(await seat.take(longMs)).toMatchObject({ kind: 'events' });
    await Promise.all([tail.close(), growth.close()]);
  });

  it('tells those who still wait that the store was closed', async () => {
    const short = new PostgresEventStore({ url: database.api });
    const seat = short.tail({ sight: everything });
    expect(await seat.take(longMs)).toMatchObject({ kind: 'from' });
    const waiting = seat.take(longMs);
    await short.close();
    expect(await waiting).toEqual({ kind: 'closed' });
    expect(await short.tail({ sight: everything }).take(longMs)).toEqual({ kind: 'closed' });
  });

  it('refuses a seat for what cannot exist, which would fail for all', () => {
    expect(() => store.tail({ sight: everything, operationId: "x'" })).toThrow(TypeError);
    expect(() => store.tail({ sight: everything, stream: 'disk-\u0000' })).toThrow(TypeError);
  });
});

describe('many seats', () => {
  it('cost one read for all when the log grows', async () => {
    // It hears of every commit: a look of its own would count too, the more of them the slower the machine.
    const hearing = new PostgresEventStore({ url: database.api, types, pollMs: 10 * longMs });
    const seats = await Promise.all(Array.from({ length: 200 }, () => seated({ sight: everything }, hearing)));
    let queries = 0;
    hearing.pool.on('acquire', () => (queries += 1));
    const commits = 20;
    for (let n = 0; n < commits; n += 1) {
      const position = await write();
      const told = await Promise.all(seats.map(({ seat }) => positionsIn(seat, 1)));
      expect(told.every(([first]) => first === position)).toBe(true);
    }
    expect(queries).toBeLessThan(commits * 2);
    for (const { seat } of seats) seat.leave();
    await hearing.close();
  });
});
