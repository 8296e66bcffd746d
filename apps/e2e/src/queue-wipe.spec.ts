import pg from 'pg';
import { Services } from './harness/services.js';
import { shortLease, theQueueMayBeWiped } from './scenarios/queue-wipe.scenario.js';

const everyJob = `
  do $$ begin
    execute (select 'truncate ' || string_agg(format('bullmq.%I', tablename), ', ')
             from pg_tables where schemaname = 'bullmq' and tablename <> 'migration');
  end $$`;

const deadlock = '40P01';

/** Every table is locked for it, in another order than by a queue at work: of two that wait for each other PostgreSQL ends one. */
const wipe = async (database: pg.Pool): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      return void (await database.query(everyJob));
    } catch (error) {
      if ((error as { code?: string }).code !== deadlock || tries === 10) throw error;
    }
  }
};

theQueueMayBeWiped('PostgreSQL', async () => {
  const services = await Services.start({ env: shortLease });
  const database = new pg.Pool({ connectionString: services.database.admin, max: 1 });
  return {
    services,
    wipe: () => wipe(database),
    end: async () => {
      await database.end();
      await services.stop();
    },
  };
});
