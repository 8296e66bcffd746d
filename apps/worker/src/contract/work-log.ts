import { cataloguesOfDisks } from '@strata/disks';
import { EventTypes } from '@strata/event-store';
import { PostgresEventStore } from '@strata/event-store/postgres';
import { cataloguesOfOperations } from '@strata/operations';
import { cataloguesOfProjects } from '@strata/projects';
import { cataloguesOfSnapshots } from '@strata/snapshots';
import type { TestPostgres } from '@strata/testing';

/** All that a worker reads and writes. */
export const eventTypes = new EventTypes([
  ...cataloguesOfProjects,
  ...cataloguesOfOperations,
  ...cataloguesOfDisks,
  ...cataloguesOfSnapshots,
]);

/** A log in a database of its own, which several may share: each with a project and a binding of its own. */
export class WorkLog {
  private constructor(
    readonly store: PostgresEventStore,
    /** As the worker's role. */
    readonly databaseUrl: string,
  ) {}

  static async open(postgres: TestPostgres): Promise<WorkLog> {
    const { worker } = await postgres.createDatabase();
    return new WorkLog(new PostgresEventStore({ url: worker, types: eventTypes, poolSize: 4 }), worker);
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
