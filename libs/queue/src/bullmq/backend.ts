import {
  createPostgresBackend,
  createRedisBackend,
  Queue,
  Worker,
  type BackendFactory,
  type IQueueBackend,
  type Processor,
  type WorkerOptions,
} from 'bullmq';
import type { Lane } from '../step-queue.js';
import { KeepingClient } from './keeping-client.js';

/**
 * Where BullMQ keeps the jobs. PostgreSQL (embedded mode) wants a direct connection, not a transaction pooler, and its
 * schema made beforehand by `preparePostgresQueue`.
 */
export type QueueBackend =
  { readonly kind: 'postgres'; readonly url: string } | { readonly kind: 'redis'; readonly url: string };

/** BullMQ's own default: all of its tables and functions lie in this schema. */
export const postgresSchema = 'bullmq';

/** Names that are stored: a queue for each lane, so that each has its own order and its own workers. */
export const queueNames: Readonly<Record<Lane, string>> = { send: 'steps-send', look: 'steps-look' };

/** Of all keys in Redis. */
const prefix = 'strata';

interface Reach {
  readonly connection: object;
  readonly factory: BackendFactory<IQueueBackend, object>;
}

const timeouts = { connectMs: 3_000, statementMs: 5_000 } as const;

/** After an error that BullMQ does not take for a lost connection it asks again at once: not in a tight loop. */
const pauseAfterErrorMs = 250;

const patient =
  (factory: BackendFactory<IQueueBackend, object>): BackendFactory<IQueueBackend, object> =>
  (name, options, kind) => {
    const backend = factory(name, options, kind);
    const moveToActive = backend.moveToActive.bind(backend);
    backend.moveToActive = async (...args) => {
      try {
        return await moveToActive(...args);
      } catch (error) {
        await new Promise((resolve) => setTimeout(resolve, pauseAfterErrorMs));
        throw error;
      }
    };
    return backend;
  };

/**
 * `synchronous_commit=off` is right here, as for the steps of followers: what a crash of PostgreSQL loses of the queue is
 * refilled from the log, and what it brings back is recognised by its old lease.
 */
const postgres = (url: string, connections: number): object => ({
  connectionString: url,
  Client: KeepingClient,
  options: '-c synchronous_commit=off',
  max: connections,
  connectionTimeoutMillis: timeouts.connectMs,
  statement_timeout: timeouts.statementMs,
  query_timeout: timeouts.statementMs + 1_000,
});

const retryStrategy = (times: number): number => Math.min(times * 100, 1_000);

/** Fails at once when the back end is away, rather than gather what nobody waits for any more. */
const reachForQueue = (backend: QueueBackend): Reach =>
  backend.kind === 'postgres'
    ? { connection: postgres(backend.url, 4), factory: createPostgresBackend as Reach['factory'] }
    : {
        connection: {
          url: backend.url,
          enableOfflineQueue: false,
          maxRetriesPerRequest: 1,
          connectTimeout: timeouts.connectMs,
          commandTimeout: timeouts.statementMs,
          retryStrategy,
        },
        factory: createRedisBackend as Reach['factory'],
      };

/** Waits through an outage. In PostgreSQL a running job needs a connection only while it is moved. */
const reachForWorker = (backend: QueueBackend, concurrency: number): Reach =>
  backend.kind === 'postgres'
    ? {
        connection: postgres(backend.url, Math.min(Math.ceil(concurrency / 2) + 1, 8)),
        factory: patient(createPostgresBackend as Reach['factory']),
      }
    : {
        connection: { url: backend.url, maxRetriesPerRequest: null, connectTimeout: timeouts.connectMs, retryStrategy },
        factory: patient(createRedisBackend as Reach['factory']),
      };

/** The queue of a lane, for admission. */
export const openLaneQueue = (backend: QueueBackend, lane: Lane) => {
  const { connection, factory } = reachForQueue(backend);
  // Nobody reads BullMQ's own events; by default it keeps 10 000 of them.
  return new Queue(queueNames[lane], { connection, prefix, streams: { events: { maxLen: 100 } } }, factory);
};
export type LaneQueue = ReturnType<typeof openLaneQueue>;

/** A worker on a lane that has yet to be run. */
export const openLaneWorker = (
  backend: QueueBackend,
  lane: Lane,
  processor: Processor,
  options: Omit<WorkerOptions, 'connection' | 'prefix' | 'autorun' | 'concurrency'> & { readonly concurrency: number },
) => {
  const { connection, factory } = reachForWorker(backend, options.concurrency);
  return new Worker(queueNames[lane], processor, { ...options, connection, prefix, autorun: false }, factory);
};
export type LaneWorker = ReturnType<typeof openLaneWorker>;
