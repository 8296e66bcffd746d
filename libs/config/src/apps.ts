import { catalogue, type VariableName } from './catalogue.js';
import { ConfigurationFaults, type Environment, readVariables, type Values } from './read-variables.js';
import { secretSource } from './secret-source.js';

const databaseNames = [
  'DATABASE_DIRECT_URL',
  'STRATA_DATABASE_POOL_SIZE',
  'STRATA_DATABASE_STATEMENT_TIMEOUT_MS',
] as const;
const laneNames = [
  'STRATA_LANE_MAX_APPENDS',
  'STRATA_LANE_MAX_EVENTS',
  'STRATA_LANE_MAX_BYTES',
  'STRATA_LANE_MAX_WAITING',
  'STRATA_LANE_MAX_WAITING_BYTES',
] as const;
const processNames = ['STRATA_LOG_LEVEL', 'STRATA_CLOSE_GRACE_MS'] as const;
const queueNames = ['REDIS_URL', 'BULLMQ_DATABASE_URL'] as const;

const database = (read: Values<'DATABASE_URL', (typeof databaseNames)[number]>) => ({
  url: read.DATABASE_URL,
  /** For `LISTEN` and locks that outlive a transaction. */
  directUrl: read.DATABASE_DIRECT_URL ?? read.DATABASE_URL,
  poolSize: read.STRATA_DATABASE_POOL_SIZE,
  statementTimeoutMs: read.STRATA_DATABASE_STATEMENT_TIMEOUT_MS,
});

const lane = (read: Values<never, (typeof laneNames)[number]>) => ({
  batchAppends: read.STRATA_LANE_MAX_APPENDS,
  batchEvents: read.STRATA_LANE_MAX_EVENTS,
  batchBytes: read.STRATA_LANE_MAX_BYTES,
  waitingAppends: read.STRATA_LANE_MAX_WAITING,
  waitingBytes: read.STRATA_LANE_MAX_WAITING_BYTES,
});

type QueueSettings = { readonly kind: 'redis' | 'postgres'; readonly url: string };

/** Redis when it is named, else PostgreSQL: nothing is guessed from what happens to be running. */
const queue = (
  read: Values<'DATABASE_URL', (typeof queueNames)[number] | (typeof databaseNames)[number]>,
): QueueSettings =>
  read.REDIS_URL === undefined
    ? { kind: 'postgres', url: read.BULLMQ_DATABASE_URL ?? database(read).directUrl }
    : { kind: 'redis', url: read.REDIS_URL };

export const loadApiConfig = (env: Environment) => {
  const read = readVariables(env, {
    required: ['DATABASE_URL', 'STRATA_CURSOR_KEY'],
    optional: [
      ...databaseNames,
      ...laneNames,
      ...processNames,
      'STRATA_HOST',
      'STRATA_PORT',
      'STRATA_MAXIMUM_BODY_BYTES',
    ],
  });
  return {
    database: database(read),
    lane: lane(read),
    http: {
      host: read.STRATA_HOST,
      port: read.STRATA_PORT,
      cursorKey: read.STRATA_CURSOR_KEY,
      maximumBodyBytes: read.STRATA_MAXIMUM_BODY_BYTES,
    },
    logLevel: read.STRATA_LOG_LEVEL,
    closeGraceMs: read.STRATA_CLOSE_GRACE_MS,
  } as const;
};
export type ApiConfig = ReturnType<typeof loadApiConfig>;

export const loadWorkerConfig = (env: Environment) => {
  const read = readVariables(env, {
    required: ['DATABASE_URL'],
    optional: [
      ...databaseNames,
      ...laneNames,
      ...processNames,
      ...queueNames,
      'STRATA_WORKER_CONCURRENCY',
      'STRATA_LEASE_MS',
      'STRATA_SEND_BEFORE_MS',
      'STRATA_CLOUD_REQUEST_TIMEOUT_MS',
      'STRATA_CLOUD_VISIBILITY_MS',
      'STRATA_CLOUD_REQUESTS_PER_SECOND',
      'STRATA_SWEEP_INTERVAL_MS',
      'STRATA_HOT_SWEEP_INTERVAL_MS',
      'STRATA_SECRETS_DIR',
    ],
  });
  return {
    database: database(read),
    lane: lane(read),
    queue: queue(read),
    concurrency: read.STRATA_WORKER_CONCURRENCY,
    leaseMs: read.STRATA_LEASE_MS,
    cloud: {
      sendBeforeMs: read.STRATA_SEND_BEFORE_MS,
      requestTimeoutMs: read.STRATA_CLOUD_REQUEST_TIMEOUT_MS,
      visibilityMs: read.STRATA_CLOUD_VISIBILITY_MS,
      requestsPerSecond: read.STRATA_CLOUD_REQUESTS_PER_SECOND,
      sweepIntervalMs: read.STRATA_SWEEP_INTERVAL_MS,
      hotSweepIntervalMs: read.STRATA_HOT_SWEEP_INTERVAL_MS,
      secrets: secretSource(env, read.STRATA_SECRETS_DIR),
    },
    logLevel: read.STRATA_LOG_LEVEL,
    closeGraceMs: read.STRATA_CLOSE_GRACE_MS,
  } as const;
};
export type WorkerConfig = ReturnType<typeof loadWorkerConfig>;

export const loadProjectorConfig = (env: Environment) => {
  const read = readVariables(env, {
    required: ['DATABASE_URL'],
    optional: [
      ...databaseNames,
      ...laneNames,
      ...processNames,
      ...queueNames,
      'STRATA_FOLLOWER_BATCH',
      'STRATA_QUEUED_PER_PROJECT',
      'STRATA_DISPATCH_INTERVAL_MS',
      'STRATA_LEASE_MS',
      'STRATA_HEAD_SIGNING_KEY',
    ],
  });
  return {
    database: database(read),
    lane: lane(read),
    queue: queue(read),
    followerBatch: read.STRATA_FOLLOWER_BATCH,
    headSigningKey: read.STRATA_HEAD_SIGNING_KEY,
    dispatch: {
      queuedPerProject: read.STRATA_QUEUED_PER_PROJECT,
      intervalMs: read.STRATA_DISPATCH_INTERVAL_MS,
      leaseMs: read.STRATA_LEASE_MS,
    },
    logLevel: read.STRATA_LOG_LEVEL,
    closeGraceMs: read.STRATA_CLOSE_GRACE_MS,
  } as const;
};
export type ProjectorConfig = ReturnType<typeof loadProjectorConfig>;

/** What the processes of the embedded mode are given of its own environment, besides what it makes for them. */
const inheritedNames = (Object.keys(catalogue) as VariableName[]).filter((name) => name.startsWith('STRATA_'));

const refuseEqualPorts = ({
  STRATA_PORT: port,
  STRATA_SIMULATOR_PORT: simulatorPort,
}: Values<never, 'STRATA_PORT' | 'STRATA_SIMULATOR_PORT'>): void => {
  if (port !== simulatorPort || port === 0) return;
  const rule = `must not be the same as STRATA_PORT (${port}): api and simulator listen side by side`;
  throw new ConfigurationFaults([{ variable: 'STRATA_SIMULATOR_PORT', rule }]);
};

/**
 * What the embedded mode reads itself. What it starts reads the rest of the same environment, to which the embedded mode
 * adds the database and the keys that it has made: a fault of any of it is found here, before anything is started.
 */
export const loadStandaloneConfig = (env: Environment) => {
  const read = readVariables(env, { required: [], optional: inheritedNames });
  refuseEqualPorts(read);
  return {
    dataDir: read.STRATA_DATA_DIR,
    host: read.STRATA_HOST,
    port: read.STRATA_PORT,
    simulatorPort: read.STRATA_SIMULATOR_PORT,
    /** Made once and kept in the data folder when absent. */
    cursorKey: read.STRATA_CURSOR_KEY,
    logLevel: read.STRATA_LOG_LEVEL,
    closeGraceMs: read.STRATA_CLOSE_GRACE_MS,
  } as const;
};
export type StandaloneConfig = ReturnType<typeof loadStandaloneConfig>;

/** A command of the CLI needs this or that of it, and says so itself. */
export const loadCliConfig = (env: Environment) => {
  const read = readVariables(env, {
    required: [],
    optional: [
      'DATABASE_URL',
      'DATABASE_ADMIN_URL',
      'STRATA_DATABASE_OWNER_PASSWORD',
      'STRATA_DATABASE_API_PASSWORD',
      'STRATA_DATABASE_WORKER_PASSWORD',
      'STRATA_DATA_DIR',
      'STRATA_LOG_LEVEL',
      'STRATA_HEAD_SIGNING_KEY',
    ],
  });
  return {
    databaseUrl: read.DATABASE_URL,
    adminUrl: read.DATABASE_ADMIN_URL,
    passwords: {
      owner: read.STRATA_DATABASE_OWNER_PASSWORD,
      api: read.STRATA_DATABASE_API_PASSWORD,
      worker: read.STRATA_DATABASE_WORKER_PASSWORD,
    },
    dataDir: read.STRATA_DATA_DIR,
    headSigningKey: read.STRATA_HEAD_SIGNING_KEY,
    logLevel: read.STRATA_LOG_LEVEL,
  } as const;
};
export type CliConfig = ReturnType<typeof loadCliConfig>;

/** Names that may stand in a compose file; credentials (`STRATA_CREDENTIALS_<REF>`) come on top. */
export const knownEnvironmentKeys: ReadonlySet<VariableName> = new Set(Object.keys(catalogue) as VariableName[]);
