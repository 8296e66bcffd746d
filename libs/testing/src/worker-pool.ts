import pg from 'pg';
import { startTestPostgres, type TestPostgres } from './postgres.js';

export interface TestWorkerPool {
  readonly postgres: TestPostgres;
  /** Connections of `strata_worker` to a database of its own. */
  readonly pool: pg.Pool;
  stop(): Promise<void>;
}

/** For a test file that needs tables and nothing else. */
export const startWorkerPool = async (): Promise<TestWorkerPool> => {
  const postgres = await startTestPostgres();
  const pool = new pg.Pool({ connectionString: (await postgres.createDatabase()).worker });
  const stop = async (): Promise<void> => {
    await pool.end();
    await postgres.stop();
  };
  return { postgres, pool, stop };
};
