import type pg from 'pg';
import { onOneConnection } from './one-connection.js';

export interface BootstrapOptions {
  /** Database to make; default `strata`. */
  readonly database?: string;
  /** Passwords of the logins `strata_owner`, `strata_api` and `strata_worker`; set anew each time. */
  readonly passwords: { readonly owner: string; readonly api: string; readonly worker: string };
}

export interface DatabaseUrls {
  /** The url's user of bootstrap, on the database: for migrations. */
  readonly admin: string;
  readonly api: string;
  readonly worker: string;
}

/** The same server, another user, password or database. */
export const urlOf = (
  base: string,
  change: { readonly user?: string; readonly password?: string; readonly database?: string },
): string => {
  const url = new URL(base);
  if (change.user !== undefined) url.username = change.user;
  if (change.password !== undefined) url.password = encodeURIComponent(change.password);
  if (change.database !== undefined) url.pathname = `/${change.database}`;
  return url.href;
};

const logins = { owner: 'strata_owner', api: 'strata_api', worker: 'strata_worker' } as const;

const ensureRoles = async (client: pg.Client, passwords: BootstrapOptions['passwords']): Promise<void> => {
  for (const [login, role] of Object.entries(logins)) {
    const password = client.escapeLiteral(passwords[login as keyof typeof logins]);
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
    const verb = rowCount ? 'alter' : 'create';
    await client.query(`${verb} role ${role} login nosuperuser nobypassrls password ${password}`);
  }
};

/** Makes logins and database where they are missing. May be run again; `migrate` comes next, with the url `admin`. */
export const bootstrap = async (adminUrl: string, options: BootstrapOptions): Promise<DatabaseUrls> => {
  const database = options.database ?? 'strata';
  await onOneConnection(adminUrl, async (client) => {
    // Until the connection ends: two that alter a role at the same time fail with "tuple concurrently updated".
    await client.query(`select pg_advisory_lock(hashtext('strata bootstrap'))`);
    await ensureRoles(client, options.passwords);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (!rowCount)
      await client.query(`create database ${client.escapeIdentifier(database)} encoding 'UTF8' template template0`);
  });
  return databaseUrls(adminUrl, database, options.passwords);
};

export const databaseUrls = (
  adminUrl: string,
  database: string,
  passwords: BootstrapOptions['passwords'],
): DatabaseUrls => ({
  admin: urlOf(adminUrl, { database }),
  api: urlOf(adminUrl, { database, user: logins.api, password: passwords.api }),
  worker: urlOf(adminUrl, { database, user: logins.worker, password: passwords.worker }),
});
