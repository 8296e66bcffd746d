import { bootstrap, migrate, urlOf } from '@strata/event-store/postgres';
import type { CliConfig } from '@strata/config';
import type { Command, Invocation } from '../call/command.js';
import { exitCode } from '../call/exit-code.js';
import { CliFault, unusable } from '../call/fault.js';
import { say } from '../call/terminal.js';

const variables = {
  owner: 'STRATA_DATABASE_OWNER_PASSWORD',
  api: 'STRATA_DATABASE_API_PASSWORD',
  worker: 'STRATA_DATABASE_WORKER_PASSWORD',
} as const;

const adminUrlOf = ({ adminUrl }: CliConfig): string => {
  if (adminUrl === undefined)
    throw unusable('DATABASE_ADMIN_URL is required: a role that may create roles and schemas');
  return adminUrl;
};

const passwordsOf = ({ passwords: { owner, api, worker } }: CliConfig) => {
  if (owner !== undefined && api !== undefined && worker !== undefined) return { owner, api, worker };
  const given = { owner, api, worker };
  const missing = (Object.keys(variables) as (keyof typeof variables)[]).filter((role) => given[role] === undefined);
  const names = missing.map((role) => variables[role]).join(', ');
  throw unusable(`${names} must be set: the passwords of the logins (or give --keep-logins, when they exist)`);
};

/** The database that the url names, else `strata`. */
const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1)) || 'strata';

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '3D000';

/** Through the database itself; where it does not exist yet, through `postgres`, which every server has. */
const makeLogins = async (adminUrl: string, passwords: ReturnType<typeof passwordsOf>): Promise<void> => {
  const database = databaseOf(adminUrl);
  try {
    await bootstrap(urlOf(adminUrl, { database }), { database, passwords });
  } catch (error) {
    if (!isMissing(error)) throw error;
    await bootstrap(urlOf(adminUrl, { database: 'postgres' }), { database, passwords });
  }
};

/** Prisma's message is about its own tools. */
const unfinished = (error: unknown): unknown =>
  error instanceof Error && error.message.includes('found failed migrations')
    ? new CliFault(
        'a migration was begun and not finished: see why it was, then try again with --retry-unfinished',
        undefined,
        { cause: error },
      )
    : error;

const run = async ({ config, options, terminal, signal }: Invocation) => {
  const adminUrl = adminUrlOf(config);
  if (options['keep-logins'] !== true) {
    await makeLogins(adminUrl, passwordsOf(config));
    say(terminal.out, 'logins strata_owner, strata_api and strata_worker have the given passwords');
  }
  signal.throwIfAborted();
  const url = urlOf(adminUrl, { database: databaseOf(adminUrl) });
  const applied = await migrate(url, { retryUnfinished: options['retry-unfinished'] === true }).catch(
    (error: unknown) => Promise.reject(unfinished(error)),
  );
  for (const name of applied) say(terminal.out, `applied ${name}`);
  if (applied.length === 0) say(terminal.out, 'nothing to apply: the schema is up to date');
  signal.throwIfAborted();
  const { preparePostgresQueue } = await import('@strata/queue/bullmq');
  await preparePostgresQueue({ ownerUrl: url, roles: ['strata_worker'] });
  say(terminal.out, 'the schema of the queue is ready');
  return exitCode.ok;
};

/** May be run again, and by several at the same time. A signal takes effect after the stage under way. */
export const migrateCommand: Command = {
  name: 'migrate',
  options: { 'keep-logins': { type: 'boolean' }, 'retry-unfinished': { type: 'boolean' } },
  summary: 'Make logins and database, apply what is missing of the schema, prepare the queue',
  help: [
    ['--keep-logins', 'Leave logins and their passwords as they are; the database must exist'],
    ['--retry-unfinished', 'Apply again what was begun and not finished, as when the process was killed'],
  ],
  run,
};
