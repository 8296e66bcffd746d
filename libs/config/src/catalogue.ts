import { key, oneOf, port, postgresUrl, redisUrl, signingKey, text, type Variable, whole } from './variable.js';

const second = 1_000;
const minute = 60 * second;

/** Every variable that Strata reads. `docs/configuration.md` is made from this table. */
export const catalogue = {
  DATABASE_URL: {
    rule: postgresUrl,
    secret: true,
    meaning:
      'PostgreSQL ≥ 15, as the role of the process: `strata_api` for the api, `strata_worker` for projector and worker.',
  },
  DATABASE_DIRECT_URL: {
    rule: postgresUrl,
    secret: true,
    meaning:
      'The same database past a connection pooler, for `LISTEN` and locks that outlive a transaction; `DATABASE_URL` when absent.',
  },
  DATABASE_ADMIN_URL: {
    rule: postgresUrl,
    secret: true,
    meaning: 'The same database as a role that may create roles and schemas: only for `strata migrate`.',
  },
  STRATA_DATABASE_OWNER_PASSWORD: {
    rule: text,
    secret: true,
    meaning: 'Password that `strata migrate` gives to the role `strata_owner`.',
  },
  STRATA_DATABASE_API_PASSWORD: {
    rule: text,
    secret: true,
    meaning: 'Password that `strata migrate` gives to the role `strata_api`.',
  },
  STRATA_DATABASE_WORKER_PASSWORD: {
    rule: text,
    secret: true,
    meaning: 'Password that `strata migrate` gives to the role `strata_worker`.',
  },
  STRATA_DATABASE_POOL_SIZE: {
    rule: whole(2, 200),
    unit: 'connections',
    default: '10',
    meaning: 'Connections that one process keeps to PostgreSQL at most; embedded, the api: 4.',
  },
  STRATA_DATABASE_STATEMENT_TIMEOUT_MS: {
    rule: whole(100, 10 * minute),
    unit: 'ms',
    default: '5000',
    meaning: 'How long PostgreSQL works on one statement before it gives up.',
  },
  REDIS_URL: {
    rule: redisUrl,
    secret: true,
    meaning: 'Redis ≥ 6.2 or Valkey for the queue; absent: the queue lies in PostgreSQL.',
  },
  BULLMQ_DATABASE_URL: {
    rule: postgresUrl,
    secret: true,
    meaning:
      'PostgreSQL for the queue when there is no `REDIS_URL`; `DATABASE_DIRECT_URL`, else `DATABASE_URL`, when absent.',
  },
  STRATA_HOST: { rule: text, default: '127.0.0.1', meaning: 'Address that the api listens on.' },
  STRATA_PORT: { rule: port, default: '7070', meaning: 'Port that the api listens on; 0 takes a free one.' },
  STRATA_SIMULATOR_HOST: { rule: text, default: '127.0.0.1', meaning: 'Address that the simulator listens on.' },
  STRATA_SIMULATOR_PORT: {
    rule: port,
    default: '7071',
    meaning: 'Port that the simulator listens on; 0 takes a free one.',
  },
  STRATA_SIMULATOR_DIR: {
    rule: text,
    meaning:
      'Folder in which a simulator of its own keeps its state; absent: in memory. In embedded mode it lies in `STRATA_DATA_DIR`.',
  },
  STRATA_DATA_DIR: {
    rule: text,
    default: '.strata',
    meaning: 'Folder of the embedded mode: database, simulator, keys, `credentials.json`.',
  },
  STRATA_LOG_LEVEL: {
    rule: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    meaning: 'Least level that is written to the log.',
  },
  STRATA_CURSOR_KEY: {
    rule: key(32),
    secret: true,
    meaning: 'Authenticates the cursors of lists; the same in every api, else a cursor holds in one process only.',
  },
  STRATA_HEAD_SIGNING_KEY: {
    rule: signingKey(32),
    secret: true,
    meaning:
      'Signs the daily head of the log (ed25519 private key in PEM, or a secret), so that a cut-off tail shows; absent: none is signed.',
  },
  STRATA_MAXIMUM_BODY_BYTES: {
    rule: whole(1_024, 16_777_216),
    unit: 'bytes',
    default: '1048576',
    meaning: 'Longest body that the api reads.',
  },
  STRATA_CLOSE_GRACE_MS: {
    rule: whole(0, 10 * minute),
    unit: 'ms',
    default: '8000',
    meaning: 'How long requests and steps under way may take after the process was told to stop.',
  },
  STRATA_LANE_MAX_APPENDS: {
    rule: whole(1, 10_000),
    unit: 'appends',
    default: '500',
    meaning: 'Most appends in one commit of the lane.',
  },
  STRATA_LANE_MAX_EVENTS: {
    rule: whole(1, 100_000),
    unit: 'events',
    default: '2000',
    meaning: 'Most events in one commit of the lane, unless a single append has more.',
  },
  STRATA_LANE_MAX_BYTES: {
    rule: whole(1_024, 67_108_864),
    unit: 'bytes',
    default: '1048576',
    meaning: 'Most bytes of event data in one commit of the lane, unless a single append has more.',
  },
  STRATA_LANE_MAX_WAITING: {
    rule: whole(1, 1_000_000),
    unit: 'appends',
    default: '5000',
    meaning: 'Appends that may wait for the lane in one process; beyond it commands are answered `503`.',
  },
  STRATA_LANE_MAX_WAITING_BYTES: {
    rule: whole(1_024, 1_073_741_824),
    unit: 'bytes',
    default: '16777216',
    meaning: 'Bytes of event data that may wait for the lane in one process; beyond it commands are answered `503`.',
  },
  STRATA_FOLLOWER_BATCH: {
    rule: whole(1, 10_000),
    unit: 'events',
    default: '1000',
    meaning: 'Events that a follower reads and handles in one transaction.',
  },
  STRATA_WORKER_CONCURRENCY: {
    rule: whole(1, 1_000),
    unit: 'steps',
    default: '50',
    meaning: 'Steps that one worker runs at a time, in each of the two classes (send, look).',
  },
  STRATA_QUEUED_PER_PROJECT: {
    rule: whole(1, 10_000),
    unit: 'jobs',
    default: '50',
    meaning: 'Jobs of one project that may be queued at a time, so that no project keeps the others waiting.',
  },
  STRATA_DISPATCH_INTERVAL_MS: {
    rule: whole(10, minute),
    unit: 'ms',
    default: '500',
    meaning: 'How often the dispatcher looks for due operations when nothing wakes it earlier.',
  },
  STRATA_LEASE_MS: {
    rule: whole(second, 10 * minute),
    unit: 'ms',
    default: '30000',
    meaning: 'How long an admitted step may go without a sign of life before it is admitted again.',
  },
  STRATA_SEND_BEFORE_MS: {
    rule: whole(second, minute),
    unit: 'ms',
    default: '10000',
    meaning: 'How long after its intent was recorded a write may still be sent to the cloud.',
  },
  STRATA_CLOUD_REQUEST_TIMEOUT_MS: {
    rule: whole(second, 5 * minute),
    unit: 'ms',
    default: '15000',
    meaning: 'How long one request to a cloud may take in all.',
  },
  STRATA_CLOUD_VISIBILITY_MS: {
    rule: whole(0, 60 * minute),
    unit: 'ms',
    default: '120000',
    meaning: 'How long a resource that the cloud has made may be missing from its lists.',
  },
  STRATA_CLOUD_REQUESTS_PER_SECOND: {
    rule: whole(1, 10_000),
    unit: 'requests/s',
    default: '50',
    meaning:
      'Requests that all workers together send to one endpoint with one credential at most; embedded: 5000 (below).',
  },
  STRATA_SWEEP_INTERVAL_MS: {
    rule: whole(second, 24 * 60 * minute),
    unit: 'ms',
    default: '300000',
    meaning: 'How often cloud and log are compared for each binding, by the whole list of the cloud.',
  },
  STRATA_HOT_SWEEP_INTERVAL_MS: {
    rule: whole(second, 24 * 60 * minute),
    unit: 'ms',
    default: '60000',
    meaning:
      'How often disks of each binding are looked at that are not at rest, have findings, or changed 0, 1, 3, 7 or 15 minutes ago.',
  },
  STRATA_SECRETS_DIR: {
    rule: text,
    meaning:
      'Folder with one file for each secret that a binding refers to, named as the reference; `STRATA_CREDENTIALS_<REF>` goes before it.',
  },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof catalogue;

/** `STRATA_CREDENTIALS_<REF>`: the secret that a binding refers to as `<ref>`. */
export const credentialsPrefix = 'STRATA_CREDENTIALS_';
