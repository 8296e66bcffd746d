export { type EmbeddedPostgres, freePort, launchPostgres } from '@strata/event-store/embedded';
export { type OwnTestPostgres, startOwnTestPostgres, startTestPostgres, type TestPostgres } from './postgres.js';
export { TestRedis } from './redis.js';
export type { TestDatabase } from './test-databases.js';
export { until } from './until.js';
export { startWorkerPool, type TestWorkerPool } from './worker-pool.js';
