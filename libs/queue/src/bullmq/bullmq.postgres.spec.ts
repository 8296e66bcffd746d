import { stepQueueContract } from '../contract/index.js';
import { PostgresServer } from '../contract/postgres-server.js';
import { BullmqStepQueue, BullmqStepWorker, preparePostgresQueue, type QueueBackend } from './index.js';

/** Workers hold the same tables in another order: who loses a deadlock to them tries again. */
const wipe = `
  do $$ begin
    for attempt in 1..50 loop
      begin
        execute (select 'truncate ' || string_agg(format('bullmq.%I', tablename), ', ')
                 from pg_tables where schemaname = 'bullmq' and tablename <> 'migration');
        return;
      exception when deadlock_detected then null;
      end;
    end loop;
    raise 'not wiped: a deadlock each time';
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
    openWorker: (worker) => new BullmqStepWorker({ backend, ...worker }),
    wipe: () => server.query(wipe),
    stop: () => server.crash(),
    start: () => server.resume(),
    end: () => server.end(),
  };
});
