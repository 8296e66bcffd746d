import pg from 'pg';
import { Services } from './harness/services.js';
import { shortLease, theQueueMayBeWiped } from './scenarios/queue-wipe.scenario.js';

const everyJob = `
  do $$ begin
    execute (select 'truncate ' || string_agg(format('bullmq.%I', tablename), ', ')
             from pg_tables where schemaname = 'bullmq' and tablename <> 'migration');
  end $$`;

theQueueMayBeWiped('PostgreSQL', async () => {
  const services = await Services.start({ env: shortLease });
  const database = new pg.Pool({ connectionString: services.database.admin, max: 1 });
  return {
    services,
    wipe: async () => void (await database.query(everyJob)),
    end: async () => {
      await database.end();
      await services.stop();
    },
  };
});
