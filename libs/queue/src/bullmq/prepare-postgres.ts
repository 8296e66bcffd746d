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

/** Makes, or brings up to date, what BullMQ keeps in PostgreSQL. Safe to repeat, and while others do the same. */
export const preparePostgresQueue = async ({ ownerUrl, roles }: PreparePostgresQueue): Promise<void> => {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    // Until the connection ends: two grants at the same time fail with "tuple concurrently updated".
    await client.query(`select pg_advisory_lock(hashtext('strata queue'))`);
    await runMigrations(client, postgresSchema);
    // BullMQ makes a sequence for each queue at its first use; made here, the roles need not create anything.
    for (const queue of Object.values(queueNames)) {
      await client.query(`select ${postgresSchema}.add_jobs_bulk($1, '[]'::jsonb)`, [queue]);
    }
    await client.query(roles.map(rights).join(''));
  } finally {
    await client.end();
  }
};
