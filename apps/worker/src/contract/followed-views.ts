import { disksView, findingsView } from '@strata/disks';
import { amongAll, type Projection } from '@strata/event-store';
import { FollowerRunner, PostgresViewStore, readPool, type PostgresEventStore } from '@strata/event-store/postgres';
import { operationsView } from '@strata/operations';
import { bindingsView } from '@strata/projects';
import { snapshotsView } from '@strata/snapshots';
import { eventTypes } from './work-log.js';

const patienceMs = 60_000;

/** The views that a worker reads, following a log. */
export class FollowedViews {
  readonly views: PostgresViewStore;
  private readonly pool;
  private readonly runner;

  constructor(
    databaseUrl: string,
    private readonly store: PostgresEventStore,
  ) {
    this.pool = readPool(databaseUrl, 6, 10_000);
    this.views = new PostgresViewStore(this.pool);
    this.runner = new FollowerRunner({
      pool: this.pool,
      store,
      projections: [bindingsView, disksView, snapshotsView, findingsView, operationsView].map((view) =>
        amongAll(view as unknown as Projection, eventTypes),
      ),
      types: eventTypes,
    });
  }

  /** All that a worker reads shows what the log holds by now. */
  readonly caughtUp = async (): Promise<void> => {
    const { position } = await this.store.head();
    for (const { name } of [bindingsView, disksView, snapshotsView, findingsView])
      if (!(await this.views.waitFor(name, position, patienceMs))) throw new Error(`the view of ${name} lags behind`);
  };

  start(): Promise<void> {
    return this.runner.start();
  }

  async stop(): Promise<void> {
    await this.runner.stop();
    await this.pool.end();
  }
}
