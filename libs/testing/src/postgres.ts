import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type EmbeddedPostgres, launchPostgres } from '@strata/event-store/embedded';
import {
  bootstrap,
  type DatabaseUrls,
  databaseUrls,
  migrate,
  migrationList,
  prismaFolder,
} from '@strata/event-store/postgres';
import { until } from './until.js';

const run = promisify(execFile);
const passwords = { owner: 'owner', api: 'api', worker: 'worker' };
const password = 'postgres';
const template = 'strata_template';
const leaveMs = 1_000;

export interface TestDatabase extends DatabaseUrls {
  readonly name: string;
  drop(): Promise<void>;
}

export interface TestPostgres {
  /** Superuser on the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  /** Of the server that runs now. */
  readonly pid: number;
  /** Ends the server as a crash does: `SIGKILL` its first process alone, `SIGQUIT` all of it at once. Resolves when that is gone. */
  crash(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void>;
  /** Starts it again, in the same folder and on the same port; resolves when it has recovered. */
  revive(): Promise<void>;
  /** A database of its own, migrated: a copy of the template. */
  createDatabase(): Promise<TestDatabase>;
  stop(): Promise<void>;
}

/**
 * As in production; only small, and without work in the background that would disturb counts. Nothing waits for the platter:
 * what a server has written outlives its own crash, and no test cuts the power.
 */
const settings = {
  ...{ max_connections: 200, shared_buffers: '128MB', max_wal_size: '2GB', autovacuum_naptime: '10s' },
  ...{ fsync: 'off', full_page_writes: 'off' },
};

/** What the template is made of: it is made anew when a migration or PostgreSQL changes. */
const fingerprint = async (): Promise<string> => {
  const { migrationDirectories } = await migrationList(prismaFolder);
  const schema = await readFile(join(prismaFolder, 'schema.prisma'), 'utf8');
  const parts = JSON.stringify(['2', migrationDirectories, schema, userInfo().uid]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 16);
};

const temporaryFolder = async (name: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `strata-${name}-`));
  await chmod(folder, 0o755); // as root the server runs as another user, who must get through
  return folder;
};

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * A stopped cluster with the migrated template database, made once for each state of the migrations and kept in the temporary
 * folder: later test files copy it instead of running initdb and migrations.
 */
const preparedCluster = async (): Promise<string> => {
  const prepared = join(tmpdir(), `strata-test-postgres-${await fingerprint()}`);
  if (await exists(prepared)) return prepared;
  const folder = await temporaryFolder('prepare');
  const cluster = join(folder, 'cluster');
  const server = await launchPostgres({
    dataDir: cluster,
    password,
    logFile: join(folder, 'log'),
    settings,
    endsWithParent: true,
  });
  try {
    const { admin } = await bootstrap(server.adminUrl, { database: template, passwords });
    await migrate(admin);
  } finally {
    await server.stop();
  }
  // Two test files may prepare at the same time: the first rename wins, and both are the same.
  await rename(cluster, prepared).catch(async (error: unknown) => {
    if (!(await exists(prepared))) throw error;
  });
  await rm(folder, { recursive: true, force: true });
  return prepared;
};

/** What outlived the first process of a server keeps the folder until it has noticed, which takes it no longer than its statement. */
const revived = async (launch: () => Promise<EmbeddedPostgres>): Promise<EmbeddedPostgres> => {
  let server: EmbeddedPostgres | undefined;
  await until('PostgreSQL has its folder again', async () => {
    server = await launch().catch((error: unknown) => {
      if (String(error).includes('shared memory block')) return undefined;
      throw error;
    });
    return server !== undefined;
  });
  if (server === undefined) throw new Error('nothing was launched');
  return server;
};

/** A PostgreSQL of its own for a test file: free port, temporary folder, gone after `stop`. Ends with the process at the latest. */
export const startTestPostgres = async (): Promise<TestPostgres> => {
  const prepared = await preparedCluster();
  const folder = await temporaryFolder('test');
  const dataDir = join(folder, 'cluster');
  await run('cp', ['-a', prepared, dataDir]); // with owners and modes, which the server insists on
  const launch = (port?: number) =>
    launchPostgres({ dataDir, port, password, logFile: join(folder, 'log'), settings, endsWithParent: true });
  let server = await launch();

  const asAdmin = async (sql: string): Promise<number> => {
    const client = new pg.Client({ connectionString: server.adminUrl });
    await client.connect();
    try {
      return (await client.query(sql)).rowCount ?? 0;
    } finally {
      await client.end();
    }
  };
  /** A pool that was ended still has connections for a moment; an end by the server would be an error in it. */
  const clientsLeave = async (database: string): Promise<void> => {
    const clients = `select from pg_stat_activity where datname like '${database}' and pid <> pg_backend_pid()`;
    const left = until('the clients left', async () => (await asAdmin(clients)) === 0, leaveMs);
    await left.catch(() => undefined); // what stays was left open on purpose
  };
  const createDatabase = async (): Promise<TestDatabase> => {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await asAdmin(`create database ${name} template ${template} strategy file_copy`);
    return {
      name,
      ...databaseUrls(server.adminUrl, name, passwords),
      drop: async () => {
        await clientsLeave(name);
        await asAdmin(`drop database ${name} with (force)`);
      },
    };
  };
  const stop = async (): Promise<void> => {
    await clientsLeave('%');
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    adminUrl: server.adminUrl,
    port: server.port,
    get pid() {
      return server.pid;
    },
    crash: async (signal) => {
      process.kill(server.pid, signal);
      await server.exited;
    },
    revive: async () => {
      server = await revived(() => launch(server.port));
    },
    createDatabase,
    stop,
  };
};
