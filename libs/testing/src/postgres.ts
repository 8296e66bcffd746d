import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type EmbeddedPostgres, launchPostgres } from '@strata/event-store/embedded';
import { ownFolder, removeLeftFolders } from './folder.js';
import { preparedCluster, settings, superuserPassword } from './prepared-cluster.js';
import { type TestDatabase, TestDatabases } from './test-databases.js';
import { until } from './until.js';

const run = promisify(execFile);

export interface TestPostgres {
  /** Superuser on the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  /** A database of its own, migrated: a copy of the template. */
  createDatabase(): Promise<TestDatabase>;
  /** Its databases go with it. */
  stop(): Promise<void>;
}

export interface OwnTestPostgres extends TestPostgres {
  /** Of the server that runs now. */
  readonly pid: number;
  /** Ends the server as a crash does: `SIGKILL` its first process alone, `SIGQUIT` all of it at once. Resolves when that is gone. */
  crash(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void>;
  /** Starts it again, in the same folder and on the same port; resolves when it has recovered. */
  revive(): Promise<void>;
}

interface Started {
  readonly folder: string;
  readonly server: EmbeddedPostgres;
  readonly launch: (port?: number) => Promise<EmbeddedPostgres>;
}

const started = async (): Promise<Started> => {
  const prepared = await preparedCluster();
  const folder = await ownFolder();
  const dataDir = join(folder, 'cluster');
  await run('cp', ['-a', prepared, dataDir]); // with owners and modes, which the server insists on
  const launch = (port?: number) =>
    launchPostgres({
      ...{ dataDir, port, password: superuserPassword, logFile: join(folder, 'log') },
      ...{ settings, endsWithParent: true },
    });
  return { folder, server: await launch(), launch };
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

/** A server of its own, for tests that crash it or change what its databases share; gone after `stop`. */
export const startOwnTestPostgres = async (): Promise<OwnTestPostgres> => {
  const { folder, launch, server: first } = await started();
  let server = first;
  const databases = new TestDatabases(server.adminUrl);
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
    createDatabase: () => databases.create(),
    stop: async () => {
      await databases.clientsLeave();
      await databases.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/**
 * The one server of this process. It ends with it: Vitest ends its workers by `SIGTERM`. What it still writes then may leave a
 * folder behind, which the next process removes.
 */
const sharedServer = async (): Promise<EmbeddedPostgres> => {
  await removeLeftFolders();
  const { folder, server } = await started();
  let hasEnded = false;
  void server.exited.then(() => (hasEnded = true));
  const end = () => {
    // Its number may be another's by then.
    if (!hasEnded) process.kill(server.pid, 'SIGQUIT');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  };
  process.once('exit', end);
  process.once('SIGTERM', () => process.exit());
  return server;
};
let shared: Promise<EmbeddedPostgres> | undefined;
/** A start that fails is tried again by the next file. */
const sharedOnce = (): Promise<EmbeddedPostgres> =>
  (shared ??= sharedServer().catch((error: unknown) => {
    shared = undefined;
    throw error;
  }));

/** A PostgreSQL for a test file, or for whoever needs databases of its own; the server is shared by all files of a process. */
export const startTestPostgres = async (): Promise<TestPostgres> => {
  const { adminUrl, port } = await sharedOnce();
  const databases = new TestDatabases(adminUrl);
  return {
    adminUrl,
    port,
    createDatabase: () => databases.create(),
    stop: async () => {
      await databases.dropAll();
      await databases.end();
    },
  };
};
