import fc from 'fast-check';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { eventually } from '../contract/eventually.js';
import {
  sampleEvents,
  sampleHistory,
  sampleId,
  sampleTypes,
  sampleView,
  type SampleEvent,
} from '../contract/sample-disks.js';
import { everyPosition, followedRows, rowsAt } from '../contract/sample-model.js';
import { WrittenLog } from '../contract/written-log.js';
import { EventTypes } from '../event-types.js';
import type { Follower, FollowerTransaction } from '../follower.js';
import { FollowerRunner, type FollowerRunnerOptions, type FollowerStatus } from './follower-runner.js';
import { isOutage, survivingLostConnections } from './follower-transaction.js';
import { retireFollower, typesUnknownToFollowers } from './follower-state.js';

let postgres: TestPostgres;
let admin: pg.Pool;
let pool: pg.Pool;
let single: pg.Pool;
let log: WrittenLog;
const running: FollowerRunner[] = [];

const open = (connectionString: string, max: number) =>
  survivingLostConnections(new pg.Pool({ connectionString, max }));

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  const database = await postgres.createDatabase();
  admin = open(database.admin, 2);
  pool = open(database.worker, 8);
  single = open(database.worker, 1);
  log = new WrittenLog(admin);
  await admin.query('create table effects (follower text not null, position bigint not null)');
  await admin.query('grant all on effects to strata_worker');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
  await Promise.all([pool.end(), single.end(), admin.end()]);
});

const start = async (options: Partial<FollowerRunnerOptions>): Promise<FollowerRunner> => {
  const runner = new FollowerRunner({
    pool,
    store: log,
    types: sampleTypes,
    retry: { firstMs: 5, maximumMs: 20, outageMs: 20 },
    ...options,
  });
  running.push(runner);
  await runner.start();
  return runner;
};

/** Leaves one row for each event that it was given, so that what is skipped or repeated can be counted. */
const counting = (name: string, during?: (tx: FollowerTransaction) => Promise<void>): Follower => ({
  name,
  handle: async (events, tx) => {
    await tx.query('insert into effects select $1, unnest($2::bigint[])', [
      name,
      events.map(({ position }) => position),
    ]);
    await during?.(tx);
  },
});
const effectsOf = async (name: string): Promise<readonly number[]> => {
  const { rows } = await admin.query<{ position: string }>(
    'select position from effects where follower = $1 order by 1',
    [name],
  );
  return rows.map(({ position }) => Number(position));
};
const stateOf = async (name: string) => {
  const sql = 'select status, position, error from follower_state where follower = $1';
  return (await admin.query<{ status: string; position: string; error: string | null }>(sql, [name])).rows[0];
};
const upTo = (position: number) => Array.from({ length: position }, (_, index) => index + 1);
const looked = (n: number): SampleEvent[] =>
  upTo(n).map((i) => ({
    disk: sampleId(1, i % 5),
    projectId: sampleId(2, 1),
    type: 'SampleLooked',
    schemaVersion: 1,
    data: {},
  }));
const statusOf = async (runner: FollowerRunner, name: string) =>
  (await runner.status()).find((status) => status.name === name) as FollowerStatus;
/** Nothing where the connection of the look itself was killed. */
const statusesOf = (runner: FollowerRunner) =>
  runner.status().catch((error: unknown): readonly FollowerStatus[] => {
    if (isOutage(error)) return [];
    throw error;
  });
const followed = (runner: FollowerRunner, position: number) =>
  eventually(
    () => statusesOf(runner),
    (all) => all.length > 0 && all.every((status) => status.position === position),
  );

describe('a projection', () => {
  it('makes the same rows of a history however it is cut into batches, at every position of the log', async () => {
    const cut = fc.record({
      history: sampleHistory(60),
      batchSize: fc.integer({ min: 1, max: 25 }),
      first: fc.nat({ max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ history, batchSize, first }) => {
        await admin.query('truncate events, checkpoints, view_generation, view_disks, view_disks_tags, follower_state');
        log = new WrittenLog(admin);
        const runner = new FollowerRunner({
          pool,
          store: log,
          types: sampleTypes,
          projections: [sampleView],
          batchSize,
        });
        if (first > 0) await log.write(history.slice(0, first));
        await runner.start();
        await log.write(history.slice(first));
        await followed(runner, history.length);
        await runner.stop();
        const rows = await followedRows(admin, 1);
        for (const { position, expected } of everyPosition(history)) expect(rowsAt(rows, position)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});

describe('followers', () => {
  it('skip no event and repeat none while two processes run them and connections die at any moment', async () => {
    const total = 3_000;
    const history = fc
      .sample(fc.noBias(sampleHistory(400)), { numRuns: 60, seed: 7 })
      .flat()
      .slice(0, total);
    expect(history).toHaveLength(total);
    let deaths = 0;
    const dying = (name: string) =>
      counting(name, async (tx) => {
        deaths += 1;
        // Written, not committed: the backend dies right here, every third time.
        if (deaths % 3 === 0) await tx.query('select pg_terminate_backend(pg_backend_pid())');
      });
    const one = await start({ projections: [sampleView], followers: [dying('effects')], batchSize: 50 });
    const other = await start({ projections: [sampleView], followers: [dying('effects')], batchSize: 70 });
    for (let written = 0; written < history.length; written += 100) {
      await log.write(history.slice(written, written + 100));
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where usename = 'strata_worker' and datname = current_database() and random() < 0.3`,
      );
    }
    await followed(one, history.length);
    await Promise.all([one.stop(), other.stop()]);
    expect(deaths).toBeGreaterThan(10);
    expect(await effectsOf('effects')).toEqual(upTo(history.length));
    const rows = await followedRows(admin, 1);
    for (const { position, expected } of everyPosition(history)) expect(rowsAt(rows, position)).toEqual(expected);
  });

  it('are back soon after a database that was away for long', async () => {
    let deaths = 0;
    const dying = counting('effects', async (tx) => {
      deaths += 1;
      if (deaths <= 16) await tx.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await start({ followers: [dying], retry: { firstMs: 5, maximumMs: 600_000, outageMs: 20 } });
    await log.write(looked(1));
    await eventually(
      () => effectsOf('effects'),
      (positions) => positions.length === 1,
    );
    expect(deaths).toBe(17);
  });

  it('go on without the one that meets an event it cannot handle, and that one goes on when it can', async () => {
    let poisoned = true;
    const faults: string[] = [];
    const picky: Follower = {
      name: 'picky',
      handle: async (events, tx) => {
        if (poisoned && events.some(({ position }) => position === 57)) throw new TypeError('cannot digest 57');
        await counting('picky').handle(events, tx);
      },
    };
    const runner = await start({
      projections: [sampleView],
      followers: [counting('healthy'), picky],
      observer: { stopped: (name, { position }) => faults.push(`${name} ${position}`) },
    });
    await log.write(looked(200));
    const stopped = await eventually(
      () => statusOf(runner, 'picky'),
      ({ status }) => status === 'stopped',
    );
    expect(stopped).toMatchObject({
      position: 56,
      fault: { position: 57, error: 'TypeError', detail: 'cannot digest 57' },
    });
    await eventually(
      () => effectsOf('healthy'),
      (positions) => positions.length === 200,
    );
    expect(await effectsOf('picky')).toEqual(upTo(56));
    expect(faults).toEqual(['picky 57']);
    expect(await stateOf('picky')).toEqual({ status: 'stopped', position: '57', error: 'TypeError' });

    poisoned = false;
    await followed(runner, 200);
    expect(await effectsOf('picky')).toEqual(upTo(200));
    await eventually(
      () => stateOf('picky'),
      (state) => state?.status === 'running',
    );
  });

  it('stop at a gap in the log, at the event that is missing', async () => {
    const runner = await start({ projections: [sampleView], followers: [counting('effects')] });
    await log.write(looked(30));
    await log.write(looked(30), 1);
    const stopped = await eventually(
      () => runner.status(),
      (all) => all.every(({ status }) => status === 'stopped'),
    );
    expect(stopped.map(({ position, fault }) => [position, fault?.position, fault?.error])).toEqual([
      [30, 31, 'GapInLog'],
      [30, 31, 'GapInLog'],
    ]);
    expect(await effectsOf('effects')).toEqual(upTo(30));
  });

  it('stop before a type they do not know, until a build that knows it comes', async () => {
    const runner = await start({ projections: [sampleView] });
    await log.write(looked(9));
    await log.write([
      { disk: sampleId(1, 1), projectId: sampleId(2, 1), type: 'SampleFrobbed', schemaVersion: 1, data: {} },
    ]);
    await log.write(looked(10));
    const stopped = await eventually(
      () => statusOf(runner, 'disks'),
      ({ status }) => status === 'stopped',
    );
    expect(stopped).toMatchObject({ position: 9, behind: 11, fault: { position: 10, error: 'UnknownEventType' } });
    await runner.stop();

    const newer = await start({ projections: [{ ...sampleView, ignores: ['SampleLooked', 'SampleFrobbed'] }] });
    await followed(newer, 20);
    await eventually(
      () => stateOf('disks'),
      (state) => state?.status === 'running' && state.error === null,
    );
  });

  it('tell a writer which types not all of them know yet', async () => {
    const knowing = (knows: readonly string[]) => ({ ...counting('picky'), knows });
    const types = ['SampleLooked', 'SampleDeleted', 'SampleFrobbed'];
    await start({ projections: [sampleView], followers: [knowing(['SampleLooked'])] });
    expect(await typesUnknownToFollowers(pool, types)).toEqual(['SampleDeleted', 'SampleFrobbed']);
    await start({ followers: [knowing(sampleEvents.names)] });
    expect(await typesUnknownToFollowers(pool, types)).toEqual(['SampleFrobbed']);
    await retireFollower(pool, 'disks');
    await retireFollower(pool, 'picky');
    expect(await typesUnknownToFollowers(pool, types)).toEqual([]);
  });

  it('step past what does not concern them once for many batches, and to the end of the log', async () => {
    await log.write(looked(1_000));
    const runner = await start({ projections: [sampleView], batchSize: 50 });
    await followed(runner, 1_000);
    const steps = await admin.query(`select from checkpoints where follower = 'disks@1' and position > 0`);
    expect(steps.rowCount).toBeLessThanOrEqual(11);
  });

  it('have each statement planned once on a connection, however many batches there are', async () => {
    let plans: readonly { uses: number; planned: number }[] = [];
    const curious = counting('curious', async (tx) => {
      plans = await tx.query(
        `select (generic_plans + custom_plans)::int as uses, custom_plans::int as planned from pg_prepared_statements
          where statement like 'insert into effects%'`,
        [],
      );
    });
    await log.write(looked(100));
    const runner = await start({ pool: single, followers: [curious], batchSize: 5 });
    await followed(runner, 100);
    expect(plans).toEqual([{ uses: 20, planned: 0 }]);
  });

  it('finish the batch under way when they are stopped', async () => {
    const runner = await start({ followers: [counting('effects')], batchSize: 10 });
    await log.write(looked(500));
    await eventually(
      () => effectsOf('effects'),
      (positions) => positions.length > 0,
    );
    await runner.stop();
    const [{ position }] = (await runner.status()) as [FollowerStatus];
    expect(await effectsOf('effects')).toEqual(upTo(position));
  });

  it('leave one listener on a pool that many of them share', () => {
    const before = pool.listenerCount('error');
    for (const name of ['a', 'b', 'c'])
      new FollowerRunner({ pool, store: log, types: new EventTypes([]), followers: [counting(name)] });
    expect(pool.listenerCount('error')).toBe(before);
  });

  it('are told apart by their names', () => {
    expect(
      () =>
        new FollowerRunner({ pool, store: log, types: new EventTypes([]), followers: [counting('a'), counting('a')] }),
    ).toThrow('two followers are called a');
  });
});
