import type pg from 'pg';
import type { Follower, FollowerTransaction } from '../follower.js';
import { FollowerRunner, type FollowerRunnerOptions, type FollowerStatus } from '../postgres/follower-runner.js';
import { isOutage } from '../postgres/follower-transaction.js';
import { eventually } from './eventually.js';
import { openPool, openTwoRoles, type TwoRoles } from './open-pool.js';
import { sampleId, sampleTypes, type SampleEvent } from './sample-disks.js';
import { WrittenLog } from './written-log.js';

/** Followers of a log that a test writes, in a database of its own. */
export class FollowersUnderTest {
  private readonly running: FollowerRunner[] = [];

  private constructor(
    private readonly roles: TwoRoles,
    /** One connection, so that what it keeps can be looked at. */
    readonly single: pg.Pool,
    readonly log: WrittenLog,
  ) {}

  static async open(urls: { readonly admin: string; readonly worker: string }): Promise<FollowersUnderTest> {
    const roles = openTwoRoles(urls, { admin: 2, worker: 8 });
    await roles.admin.query('create table effects (follower text not null, position bigint not null)');
    await roles.admin.query('grant all on effects to strata_worker');
    return new FollowersUnderTest(roles, openPool(urls.worker, 1), new WrittenLog(roles.admin));
  }

  get admin(): pg.Pool {
    return this.roles.admin;
  }

  get pool(): pg.Pool {
    return this.roles.worker;
  }

  async start(options: Partial<FollowerRunnerOptions>): Promise<FollowerRunner> {
    const retry = { firstMs: 5, maximumMs: 20, outageMs: 20 };
    const runner = new FollowerRunner({
      ...{ pool: this.pool, store: this.log, types: sampleTypes, retry },
      ...options,
    });
    this.running.push(runner);
    await runner.start();
    return runner;
  }

  /** The positions that a `counting` follower was given. */
  async effectsOf(name: string): Promise<readonly number[]> {
    const sql = 'select position from effects where follower = $1 order by 1';
    const { rows } = await this.admin.query<{ position: string }>(sql, [name]);
    return rows.map(({ position }) => Number(position));
  }

  async stateOf(name: string) {
    const sql = 'select status, position, error from follower_state where follower = $1';
    return (await this.admin.query<{ status: string; position: string; error: string | null }>(sql, [name])).rows[0];
  }

  async close(): Promise<void> {
    await Promise.all(this.running.map((runner) => runner.stop()));
    await Promise.all([this.roles.close(), this.single.end()]);
  }
}

/** Leaves one row for each event that it was given, so that what is skipped or repeated can be counted. */
export const counting = (name: string, during?: (tx: FollowerTransaction) => Promise<void>): Follower => ({
  name,
  handle: async (events, tx) => {
    await tx.query('insert into effects select $1, unnest($2::bigint[])', [
      name,
      events.map(({ position }) => position),
    ]);
    await during?.(tx);
  },
});

export const upTo = (position: number): readonly number[] => Array.from({ length: position }, (_, index) => index + 1);

/** Events that change no row of the view. */
export const looked = (n: number): readonly SampleEvent[] =>
  upTo(n).map((i) => ({
    disk: sampleId(1, i % 5),
    projectId: sampleId(2, 1),
    type: 'SampleLooked',
    schemaVersion: 1,
    data: {},
  }));

export const statusOf = async (runner: FollowerRunner, name: string): Promise<FollowerStatus> =>
  (await runner.status()).find((status) => status.name === name) as FollowerStatus;

/** Nothing where the connection of the look itself was killed. */
const statusesOf = (runner: FollowerRunner) =>
  runner.status().catch((error: unknown): readonly FollowerStatus[] => {
    if (isOutage(error)) return [];
    throw error;
  });

/** Waits until all followers of the runner are there. */
export const followed = (runner: FollowerRunner, position: number) =>
  eventually(
    () => statusesOf(runner),
    (all) => all.length > 0 && all.every((status) => status.position === position),
  );
