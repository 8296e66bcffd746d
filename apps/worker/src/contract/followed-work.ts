import type { DiskCloud } from '@strata/cloud';
import { findingsView, type FindingRow, type SweepReport } from '@strata/disks';
import { everything } from '@strata/event-store';
import type { TestPostgres } from '@strata/testing';
import { sweeping, type SweepingPorts } from '../sweeping.js';
import { FollowedViews } from './followed-views.js';
import { WorkLog } from './work-log.js';
import { WorkUnderTest } from './work-under-test.js';

/** A log that is followed into the views that a sweep reads. */
export class FollowedLog {
  private constructor(
    readonly log: WorkLog,
    readonly followed: FollowedViews,
  ) {}

  static async open(postgres: TestPostgres): Promise<FollowedLog> {
    const log = await WorkLog.open(postgres);
    const followed = new FollowedViews(log.databaseUrl, log.store);
    await followed.start();
    return new FollowedLog(log, followed);
  }

  async close(): Promise<void> {
    await this.followed.stop();
    await this.log.close();
  }
}

/** A `WorkUnderTest` in such a log. */
export class FollowedWork {
  private constructor(
    readonly work: WorkUnderTest,
    private readonly followed: FollowedViews,
  ) {}

  static async on({ log, followed }: FollowedLog): Promise<FollowedWork> {
    return new FollowedWork(await WorkUnderTest.on(log), followed);
  }

  get views() {
    return this.followed.views;
  }

  caughtUp(): Promise<void> {
    return this.followed.caughtUp();
  }

  /** Over all of the binding. A sweep itself waits two seconds for the views, and goes on with what they show. */
  async sweep(change: Partial<SweepingPorts> = {}, cloud: DiskCloud = this.work.cloud): Promise<SweepReport> {
    await this.followed.caughtUp();
    const { store, bindingId } = this.work;
    const bounds = { requestsPerSecond: 10_000, requestTimeoutMs: 15_000, signal: new AbortController().signal };
    const keep = () => Promise.resolve();
    return sweeping({ store, views: this.views, keep, ...bounds, ...change })(cloud, bindingId);
  }

  /** Of the binding, in the order in which they were first seen: of these states, or all. */
  async findings(...status: string[]): Promise<readonly FindingRow[]> {
    await this.followed.caughtUp();
    const where = { bindingId: [this.work.bindingId], ...(status.length > 0 && { status }) };
    const sort = { by: 'firstSeenAt', direction: 'asc' } as const;
    return (await this.views.list({ view: findingsView, sight: everything, sort, limit: 500, where })).rows;
  }

  stop(): Promise<void> {
    return this.work.stop();
  }
}
