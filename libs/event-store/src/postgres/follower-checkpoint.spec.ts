import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { eventually } from '../contract/eventually.js';
import { openTwoRoles, type TwoRoles } from '../contract/open-pool.js';
import { pruneCheckpoint, readCheckpoint, registerCheckpoint, takeStep } from './follower-checkpoint.js';
import { inTransaction, sqlOn } from './follower-transaction.js';

let postgres: TestPostgres;
let roles: TwoRoles;
let admin: pg.Pool;
let pool: pg.Pool;

beforeAll(async () => {
  postgres = await startTestPostgres();
  roles = openTwoRoles(await postgres.createDatabase(), { admin: 2, worker: 4 });
  ({ admin, worker: pool } = roles);
});
afterAll(async () => {
  await roles.close();
  await postgres.stop();
});
beforeEach(async () => {
  await admin.query('truncate checkpoints');
  await registerCheckpoint(sqlOn(pool), 'one');
});

const stepOf = (after: number, position: number, line = 'one') => ({ follower: 'one', line, after, position });
const step = (after: number, position: number, line?: string) =>
  inTransaction(pool, (tx) => takeStep(tx, stepOf(after, position, line)));
const waiting = async () => {
  const { rows } = await admin.query<{ waiting: string }>(
    `select count(*) as waiting from pg_locks where not granted and pid in
      (select pid from pg_stat_activity where datname = current_database())`,
  );
  return Number(rows[0]?.waiting);
};

describe('a checkpoint', () => {
  it('goes on from where it is, and from nowhere else', async () => {
    expect(await step(0, 10)).toBe(true);
    expect(await step(0, 12)).toBe(false);
    expect(await step(5, 12)).toBe(false);
    expect(await step(11, 12)).toBe(false);
    expect(await step(10, 12)).toBe(true);
    expect(await readCheckpoint(sqlOn(pool), 'one')).toBe(12);
  });

  it('refuses one who comes so late that the step it missed was removed', async () => {
    for (const after of [0, 10, 20]) expect(await step(after, after + 10)).toBe(true);
    await admin.query(`update checkpoints set updated_at = now() - interval '1 hour'`);
    await pruneCheckpoint(sqlOn(pool), 'one');
    expect((await admin.query('select from checkpoints')).rowCount).toBe(1);
    expect(await step(0, 15)).toBe(false);
    expect(await step(10, 15)).toBe(false);
    expect(await readCheckpoint(sqlOn(pool), 'one')).toBe(30);
  });

  it('keeps its steps while someone may still be about to take them', async () => {
    for (const after of [0, 10]) await step(after, after + 10);
    await pruneCheckpoint(sqlOn(pool), 'one');
    expect((await admin.query('select from checkpoints')).rowCount).toBe(3);
  });

  it.each([
    ['commits', 'commit', false, 10],
    ['is undone', 'rollback', true, 12],
  ])('waits for a step that is not committed, and knows when it %s', async (_, end, taken, position) => {
    const first = await pool.connect();
    await first.query('begin');
    expect(await takeStep(sqlOn(first), stepOf(0, 10))).toBe(true);
    // Another line, so that the lock which only saves work does not decide: the primary key must.
    const second = step(0, 12, 'other');
    await eventually(waiting, (count) => count === 1);
    await first.query(end);
    first.release();
    expect(await second).toBe(taken);
    expect(await readCheckpoint(sqlOn(pool), 'one')).toBe(position);
  });

  it('does not make one wait for another who is at it', async () => {
    await inTransaction(pool, async (tx) => {
      expect(await takeStep(tx, stepOf(0, 10))).toBe(true);
      expect(await step(0, 12)).toBe(false);
    });
  });

  it('of a view goes on in the generation in use only', async () => {
    await admin.query(`insert into view_generation values ('one', 2)`);
    const inGeneration = (generation: number) => inTransaction(pool, (tx) => takeStep(tx, stepOf(0, 10), generation));
    expect(await inGeneration(1)).toBe(false);
    expect(await inGeneration(2)).toBe(true);
  });
});
