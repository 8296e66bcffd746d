import type { ApiConfig } from '@strata/config';
import { cataloguesOfDisks, diskProblems, findingProblems, transferProblems } from '@strata/disks';
import { EventTypes } from '@strata/event-store';
import { assertRole, PostgresEventStore } from '@strata/event-store/postgres';
import type { RequestContext } from '@strata/http';
import { startHttp } from '@strata/http/nest';
import { cataloguesOfOperations, operationProblems } from '@strata/operations';
import { cataloguesOfProjects, commandProblems, projectProblems } from '@strata/projects';
import { cataloguesOfSnapshots, snapshotProblems } from '@strata/snapshots';
import { continueTrace, runInContext } from '@strata/telemetry';
import type { Logger } from 'pino';
import { ApiModule } from './api.module.js';
import { DatabaseMetrics } from './database-metrics.js';
import { knownFaults } from './known-faults.js';
import { LaneMetrics } from './lane-metrics.js';
import { LaneWatch } from './lane-watch.js';
import { LogWatch } from './log-watch.js';

export interface Api {
  /** `http://<host>:<port>` as listened on. */
  readonly url: string;
  /** Takes no more, lets requests under way end within the grace, then lets go of the database. */
  close(): Promise<void>;
}

export interface ApiOptions {
  /** Holds every answer against its declared schema: for tests. */
  readonly checkAnswers?: boolean;
}

const version = '0.1.0';

const types = new EventTypes([
  ...cataloguesOfProjects,
  ...cataloguesOfOperations,
  ...cataloguesOfDisks,
  ...cataloguesOfSnapshots,
]);

const problems = [
  commandProblems,
  projectProblems,
  operationProblems,
  diskProblems,
  findingProblems,
  transferProblems,
  snapshotProblems,
];

/** A trace that came with the request is continued by a span of ours. */
const withTrace = ({ requestId, traceparent }: RequestContext, next: () => void): void =>
  runInContext({ requestId, traceparent: traceparent && continueTrace(traceparent) }, next);

/** HTTP in front of the features. Knows PostgreSQL only: neither the queue nor a cloud need to be there. */
export const createApi = async (config: ApiConfig, logger: Logger, options: ApiOptions = {}): Promise<Api> => {
  const lane = new LaneMetrics();
  const store = new PostgresEventStore({
    ...config.database,
    bounds: config.lane,
    types,
    onBatch: (appends) => lane.sent(appends),
    onHeldBack: (held) => logger.warn({ types: held }, 'held back until every follower knows these event types'),
  });
  try {
    await assertRole(store.pool);
    const log = await LogWatch.of(store);
    const http = await serve(config, logger, options, { store, log, lane }).catch((fault: unknown) => {
      log.stop();
      throw fault;
    });
    logger.info({ url: http.url }, 'api ready');
    return {
      url: http.url,
      close: async () => {
        log.stop();
        await http.close();
        await store.close();
      },
    };
  } catch (fault) {
    await store.close();
    throw fault;
  }
};

interface Parts {
  readonly store: PostgresEventStore;
  readonly log: LogWatch;
  readonly lane: LaneMetrics;
}

const serve = (config: ApiConfig, logger: Logger, options: ApiOptions, { store, log, lane }: Parts) => {
  const { host, port, cursorKey, maximumBodyBytes } = config.http;
  return startHttp(
    ApiModule.on(store),
    {
      title: 'Strata',
      version,
      logger,
      problems,
      cursorKey,
      maximumBodyBytes,
      closeGraceMs: config.closeGraceMs,
      incarnation: () => log.incarnation,
      healthChecks: [log, new LaneWatch(store)],
      metricSources: [lane, new DatabaseMetrics(store, store.pool)],
      knownFaults,
      runInContext: withTrace,
      checkAnswers: options.checkAnswers ?? false,
    },
    { host, port },
  );
};
