import type { ProjectorConfig } from '@strata/config';
import { cataloguesOfDisks, diskKinds, viewsOfDisks } from '@strata/disks';
import { amongAll, EventTypes } from '@strata/event-store';
import {
  assertRole,
  FollowerRunner,
  PostgresEventStore,
  PostgresViewStore,
  type FollowerStatus,
} from '@strata/event-store/postgres';
import { cataloguesOfOperations, KindRegistry, viewsOfOperations } from '@strata/operations';
import { cataloguesOfProjects, viewsOfProjects } from '@strata/projects';
import { BullmqStepQueue } from '@strata/queue/bullmq';
import { PostgresOperationSchedule } from '@strata/queue/postgres';
import { cataloguesOfSnapshots, kindsWithSnapshots, viewsOfSnapshots } from '@strata/snapshots';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { Dispatcher } from './dispatcher.js';
import { HeadKeeper } from './head-keeper.js';
import { KeyKeeper } from './key-keeper.js';
import { PauseKeeper } from './pause-keeper.js';
import { ScheduleKeeper } from './schedule-keeper.js';

export interface Projector {
  status(): Promise<readonly FollowerStatus[]>;
  stop(): Promise<void>;
}

const types = new EventTypes([
  ...cataloguesOfProjects,
  ...cataloguesOfOperations,
  ...cataloguesOfDisks,
  ...cataloguesOfSnapshots,
]);
const views = [...viewsOfProjects, ...viewsOfOperations, ...viewsOfDisks, ...viewsOfSnapshots];

/** Twice what the workers of one process run at a time: never idle for want of a job, never a long line. */
const waitingJobs = { send: 100, look: 100 };

/** Runs the followers: the views, and the dispatcher with its admission. */
export const startProjector = async (config: ProjectorConfig, logger: Logger): Promise<Projector> => {
  const { database, queue: backend, dispatch } = config;
  const store = new PostgresEventStore({ ...database, bounds: config.lane, types });
  await assertRole(store.pool);
  const queue = new BullmqStepQueue({
    backend,
    onFault: (error) => logger.error({ err: error }, 'the queue faltered'),
  });
  const kinds = new KindRegistry(kindsWithSnapshots(diskKinds));
  const schedule = new PostgresOperationSchedule(store.pool);
  const dispatcher = new Dispatcher(
    {
      schedule,
      queue,
      rulesOf: (kind) => kinds.rulesOf(kind),
      onFault: (error) => logger.error({ err: error }, 'admission failed'),
    },
    { waitingJobs, ...dispatch },
  );
  const runner = new FollowerRunner({
    pool: store.pool,
    store,
    types,
    projections: views.map((view) => amongAll(view, types)),
    followers: [dispatcher.follower],
    observer: {
      stopped: (name, fault) => logger.error({ follower: name, fault }, 'a follower stopped before an event'),
      recovered: (name) => logger.info({ follower: name }, 'a follower goes on'),
    },
    batchSize: config.followerBatch,
  });
  await runner.start();
  dispatcher.start();
  const keys = new KeyKeeper(store.pool, (error) => logger.warn({ err: error }, 'old keys were not forgotten'));
  keys.start();
  const heads = headKeeper(config, store.pool, logger);
  heads?.start();
  const keeper = new ScheduleKeeper({
    store,
    views: new PostgresViewStore(store.pool),
    schedule,
    tx: {
      query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        (await store.pool.query<Row>(sql, [...values])).rows,
    },
    rulesOf: (kind) => kinds.rulesOf(kind),
    onStillLost: (operationId, error) =>
      logger.error({ err: error, operationId }, 'an operation is not scheduled and could not be put back'),
    onFault: (error) => logger.error({ err: error }, 'the schedule was not looked through'),
  });
  keeper.start();
  const pauses = new PauseKeeper(store.pool, store, (error) => logger.warn({ err: error }, 'pauses were not ended'));
  pauses.start();
  logger.info('projector ready');
  return {
    status: () => runner.status(),
    stop: async () => {
      await Promise.all([runner.stop(), dispatcher.stop(), keys.stop(), heads?.stop(), keeper.stop(), pauses.stop()]);
      await Promise.allSettled([queue.close(), store.close()]);
    },
  };
};

const headKeeper = ({ headSigningKey: key }: ProjectorConfig, pool: Pool, logger: Logger): HeadKeeper | undefined =>
  key &&
  new HeadKeeper({
    pool,
    key,
    onSigned: (head) => logger.info({ head }, 'the head of the log is signed'),
    onFault: (error) => logger.error({ err: error }, 'the head of the log was not signed'),
  });
