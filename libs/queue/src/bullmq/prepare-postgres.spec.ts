import { startTestPostgres, until, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobs } from '../contract/queue-under-test.js';
import { BullmqStepQueue, BullmqStepWorker, preparePostgresQueue } from './index.js';
import { KeepingClient } from './keeping-client.js';

let postgres: TestPostgres;
let database: TestDatabase;
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase();
  await preparePostgresQueue({ ownerUrl: database.admin, roles: ['strata_worker'] });
});
afterAll(() => postgres.stop());

describe('what BullMQ does in PostgreSQL', () => {
  it('leaves no events behind, which nobody reads', async () => {
    const settings = {
      backend: { kind: 'postgres', url: database.worker } as const,
      onFault: (error: unknown) => {
        throw error;
      },
    };
    const queue = new BullmqStepQueue(settings);
    let ran = 0;
    const worker = new BullmqStepWorker({
      ...settings,
      run: () => Promise.resolve(void (ran += 1)),
      concurrency: { send: 4, look: 4 },
    });
    await worker.start();
    await queue.admit([...jobs('send', 20), ...jobs('look', 100)]);
    await until('all jobs ran', () => ran === 120);
    await worker.drain(5_000);
    await queue.close();
    const admin = new pg.Pool({ connectionString: database.admin });
    expect((await admin.query('select from bullmq.event')).rowCount).toBe(0);
    expect((await admin.query('select from bullmq.job')).rowCount).toBe(0);
    await admin.end();
  });

  it('outlives a connection that ends between two queries of whoever has it', async () => {
    const pool = new pg.Pool({ connectionString: database.worker, max: 1, Client: KeepingClient });
    const client = await pool.connect();
    const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const admin = new pg.Pool({ connectionString: database.admin });
    await admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await admin.end();
    await ended;
    await expect(client.query('select 1')).rejects.toThrow();
    client.release(true);
    await pool.end();
  });

  it('is kept by each connection as it was first taken apart', async () => {
    const pool = new pg.Pool({ connectionString: database.worker, max: 1, Client: KeepingClient });
    const add = async (a: number, b: number) =>
      (await pool.query<{ sum: number }>('select $1::int + $2::int as sum', [a, b])).rows[0]?.sum;
    expect([await add(1, 2), await add(3, 4)]).toEqual([3, 7]);
    await pool.query('select 1');
    const kept = await pool.query('select statement from pg_prepared_statements');
    expect(kept.rows).toEqual([{ statement: 'select $1::int + $2::int as sum' }]);
    await pool.end();
  });
});
