import { runMigrations } from 'bullmq';
import pg from 'pg';
import { postgresSchema, queueNames } from './backend.js';

export interface PreparePostgresQueue {
  /** As a role that may create a schema. */
  readonly ownerUrl: string;
  /** Roles that admit and take jobs; they get no right to change tables or functions. */
  readonly roles: readonly string[];
}

const rights = (role: string): string => {
  const name = pg.escapeIdentifier(role);
  return `
    grant usage on schema ${postgresSchema} to ${name};
    grant select, insert, update, delete on all tables in schema ${postgresSchema} to ${name};
    grant usage, select on all sequences in schema ${postgresSchema} to ${name};
    grant execute on all functions in schema ${postgresSchema} to ${name};`;
};

/**
 * BullMQ keeps four events or more of each job in a table, and wakes whoever listens for them: a quarter of what a job costs
 * PostgreSQL. Nobody here reads them, and BullMQ has no setting for it. So an event is published to nobody, and a bulk, which
 * writes them by itself, leaves none. After the migrations of BullMQ, which may make the function anew.
 */
const withoutEvents = `
  create or replace function ${postgresSchema}.publish_event(p_queue text, p_event text, p_data jsonb) returns bigint
    language sql immutable as 'select 0::bigint';
  create or replace function ${postgresSchema}.leave_no_event() returns trigger
    language plpgsql as 'begin return null; end';
  create or replace trigger leave_no_event before insert on ${postgresSchema}.event
    for each row execute function ${postgresSchema}.leave_no_event()`;

/** Makes, or brings up to date, what BullMQ keeps in PostgreSQL. Safe to repeat, and while others do the same. */
export const preparePostgresQueue = async ({ ownerUrl, roles }: PreparePostgresQueue): Promise<void> => {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  // A connection that is lost fails the next query; told as an event alone, it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Until the connection ends: two grants at the same time fail with "tuple concurrently updated".
    await client.query(`select pg_advisory_lock(hashtext('strata queue'))`);
    await runMigrations(client, postgresSchema);
    await client.query(withoutEvents);
    // BullMQ makes a sequence for each queue at its first use; made here, the roles need not create anything.
    for (const queue of Object.values(queueNames)) {
      await client.query(`select ${postgresSchema}.add_jobs_bulk($1, '[]'::jsonb)`, [queue]);
    }
    await client.query(roles.map(rights).join(''));
  } finally {
    await client.end();
  }
};
