import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventually } from '../contract/eventually.js';
import { followersForEachTest } from '../contract/followers-for-each-test.js';
import { counting, followed, type FollowersUnderTest, looked, upTo } from '../contract/followers-under-test.js';
import { sampleHistory, sampleTypes, sampleView } from '../contract/sample-disks.js';
import { everyPosition, followedRows, rowsAt } from '../contract/sample-model.js';
import { WrittenLog } from '../contract/written-log.js';
import { EventTypes } from '../event-types.js';
import { FollowerRunner, type FollowerStatus } from './follower-runner.js';

let under: FollowersUnderTest;

followersForEachTest((opened) => void (under = opened));

describe('a projection', () => {
  it('makes the same rows of a history however it is cut into batches, at every position of the log', async () => {
    const cut = fc.record({
      history: sampleHistory(60),
      batchSize: fc.integer({ min: 1, max: 25 }),
      first: fc.nat({ max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ history, batchSize, first }) => {
        await under.admin.query(
          'truncate events, checkpoints, view_generation, view_disks, view_disks_tags, follower_state',
        );
        const log = new WrittenLog(under.admin);
        const runner = new FollowerRunner({
          pool: under.pool,
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
        const rows = await followedRows(under.admin, 1);
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
    const one = await under.start({ projections: [sampleView], followers: [dying('effects')], batchSize: 50 });
    const other = await under.start({ projections: [sampleView], followers: [dying('effects')], batchSize: 70 });
    for (let written = 0; written < history.length; written += 100) {
      await under.log.write(history.slice(written, written + 100));
      await under.admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where usename = 'strata_worker' and datname = current_database() and random() < 0.3`,
      );
    }
    await followed(one, history.length);
    await Promise.all([one.stop(), other.stop()]);
    expect(deaths).toBeGreaterThan(10);
    expect(await under.effectsOf('effects')).toEqual(upTo(history.length));
    const rows = await followedRows(under.admin, 1);
    for (const { position, expected } of everyPosition(history)) expect(rowsAt(rows, position)).toEqual(expected);
  });

  it('are back soon after a database that was away for long', async () => {
    let deaths = 0;
    const dying = counting('effects', async (tx) => {
      deaths += 1;
      if (deaths <= 16) await tx.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await under.start({ followers: [dying], retry: { firstMs: 5, maximumMs: 600_000, outageMs: 20 } });
    await under.log.write(looked(1));
    await eventually(
      () => under.effectsOf('effects'),
      (positions) => positions.length === 1,
    );
    expect(deaths).toBe(17);
  });

  it('step past what does not concern them once for many batches, and to the end of the log', async () => {
    await under.log.write(looked(1_000));
    const runner = await under.start({ projections: [sampleView], batchSize: 50 });
    await followed(runner, 1_000);
    const steps = await under.admin.query(`select from checkpoints where follower = 'disks@1' and position > 0`);
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
    await under.log.write(looked(100));
    const runner = await under.start({ pool: under.single, followers: [curious], batchSize: 5 });
    await followed(runner, 100);
    expect(plans).toEqual([{ uses: 20, planned: 0 }]);
  });

  it('finish the batch under way when they are stopped', async () => {
    const runner = await under.start({ followers: [counting('effects')], batchSize: 10 });
    await under.log.write(looked(500));
    await eventually(
      () => under.effectsOf('effects'),
      (positions) => positions.length > 0,
    );
    await runner.stop();
    const [{ position }] = (await runner.status()) as [FollowerStatus];
    expect(await under.effectsOf('effects')).toEqual(upTo(position));
  });

  it('leave one listener on a pool that many of them share', () => {
    const before = under.pool.listenerCount('error');
    for (const name of ['a', 'b', 'c'])
      new FollowerRunner({
        pool: under.pool,
        store: under.log,
        types: new EventTypes([]),
        followers: [counting(name)],
      });
    expect(under.pool.listenerCount('error')).toBe(before);
  });

  it('are told apart by their names', () => {
    expect(
      () =>
        new FollowerRunner({
          pool: under.pool,
          store: under.log,
          types: new EventTypes([]),
          followers: [counting('a'), counting('a')],
        }),
    ).toThrow('two followers are called a');
  });
});
