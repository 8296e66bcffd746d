export { type EmbeddedPostgres, freePort, launchPostgres } from '@strata/event-store/embedded';
export { startTestPostgres, type TestDatabase, type TestPostgres } from './postgres.js';
export { TestRedis } from './redis.js';
export { until } from './until.js';
export { startWorkerPool, type TestWorkerPool } from './worker-pool.js';
