import { stepQueueContract } from '../contract/index.js';
import { PostgresServer } from '../contract/postgres-server.js';
import { BullmqStepQueue, BullmqStepWorker, preparePostgresQueue, type QueueBackend } from './index.js';

const wipe = `
  do $$ begin
    execute (select 'truncate ' || string_agg(format('bullmq.%I', tablename), ', ')
             from pg_tables where schemaname = 'bullmq' and tablename <> 'migration');
  end $$`;

// A role with no more rights than those that are given to it: what the services run as.
stepQueueContract('PostgreSQL', async () => {
  const server = await PostgresServer.start();
  await server.query(`create role queue_user login password 'loopback'`);
  const prepare = () => preparePostgresQueue({ ownerUrl: server.urlOf('postgres'), roles: ['queue_user'] });
  await Promise.all([prepare(), prepare()]);
  const backend: QueueBackend = { kind: 'postgres', url: server.urlOf('queue_user') };
  return {
    openQueue: (timeoutMs) => new BullmqStepQueue({ backend, timeoutMs, onFault: () => undefined }),
    openWorker: (worker) => new BullmqStepWorker({ backend, timeoutMs: 3_000, ...worker }),
    wipe: () => server.query(wipe),
    stop: () => server.crash(),
    start: () => server.resume(),
    end: () => server.end(),
  };
});
