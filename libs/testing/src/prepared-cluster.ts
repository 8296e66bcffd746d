import { createHash } from 'node:crypto';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { launchPostgres } from '@strata/event-store/embedded';
import { bootstrap, migrate, migrationList, prismaFolder } from '@strata/event-store/postgres';
import { ownFolder } from './folder.js';

/** Of the logins of every server for tests. */
export const passwords = { owner: 'owner', api: 'api', worker: 'worker' };
export const superuserPassword = 'postgres';
/** The database of the prepared cluster that has every migration. */
export const template = 'strata_template';

/**
 * As in production; only small, and without work in the background that would disturb counts. Nothing waits for the platter:
 * what a server has written outlives its own crash, and no test cuts the power.
 */
export const settings = {
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

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * A stopped cluster with the migrated template database, made once for each state of the migrations and kept in the temporary
 * folder: servers for tests begin with a copy of it instead of initdb and migrations.
 */
export const preparedCluster = async (): Promise<string> => {
  const prepared = join(tmpdir(), `strata-prepared-${await fingerprint()}`);
  if (await exists(prepared)) return prepared;
  const folder = await ownFolder();
  const cluster = join(folder, 'cluster');
  const server = await launchPostgres({
    dataDir: cluster,
    password: superuserPassword,
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
  // Two processes may prepare at the same time: the first rename wins, and both are the same.
  await rename(cluster, prepared).catch(async (error: unknown) => {
    if (!(await exists(prepared))) throw error;
  });
  await rm(folder, { recursive: true, force: true });
  return prepared;
};
