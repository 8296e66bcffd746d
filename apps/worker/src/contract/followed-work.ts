import type { TestPostgres } from '@strata/testing';
import { FollowedViews } from './followed-views.js';
import { WorkUnderTest } from './work-under-test.js';

/** A `WorkUnderTest` whose log is followed into the views that a sweep reads. */
export class FollowedWork {
  private constructor(
    readonly work: WorkUnderTest,
    readonly followed: FollowedViews,
  ) {}

  static async start(postgres: TestPostgres): Promise<FollowedWork> {
    const work = await WorkUnderTest.start(postgres);
    const followed = new FollowedViews(work.databaseUrl, work.store);
    await followed.start();
    return new FollowedWork(work, followed);
  }

  async stop(): Promise<void> {
    await this.followed.stop();
    await this.work.stop();
  }
}
