import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedSettings, launchPostgres } from '@strata/event-store/embedded';
import { bootstrap, migrate } from '@strata/event-store/postgres';
import { serverCpuSeconds } from './server-cpu.mjs';
import { withUsedSegments } from './used-segments.mjs';

/** A fresh server with a migrated database, durable as in production, for the length of `use`. */
export const withServer = async (use) => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'));
  await chmod(folder, 0o755);
  const server = await launchPostgres({
    ...{ dataDir: join(folder, 'cluster'), password: 'bench', logFile: join(folder, 'log'), endsWithParent: true },
    settings: { ...embeddedSettings, max_connections: 400 },
  });
  try {
    const passwords = { owner: 'owner', api: 'api', worker: 'worker' };
    const urls = await bootstrap(server.adminUrl, { database: 'bench', passwords });
    await migrate(urls.admin);
    await withUsedSegments(server.adminUrl, 48);
    return await use({ urls, adminUrl: server.adminUrl, cpu: () => serverCpuSeconds(server.pid) });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
