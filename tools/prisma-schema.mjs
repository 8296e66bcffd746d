/** Brings prisma/schema.prisma up to what the migrations make. node tools/prisma-schema.mjs (build libs first) */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchPostgres } from '@strata/event-store/embedded';
import { introspect, migrate, prismaFolder } from '@strata/event-store/postgres';

const header = `// The tables as models, for reading and for \`prisma migrate\`. Made from the migrations by tools/prisma-schema.mjs, and held against
// them by a spec of the event store. Row-level security and functions are in the migrations only.
`;

const folder = await mkdtemp(join(tmpdir(), 'strata-schema-'));
await chmod(folder, 0o755);
const server = await launchPostgres({
  ...{ dataDir: join(folder, 'cluster'), password: 'schema', logFile: join(folder, 'log'), endsWithParent: true },
});
try {
  await migrate(server.adminUrl);
  const path = join(prismaFolder, 'schema.prisma');
  const pulled = await introspect(server.adminUrl, await readFile(path, 'utf8'));
  // The engine's remarks on row-level security and check constraints: both are in the migrations, where they belong.
  const models = pulled.replace(/^\/\/\/ This (?:model|table) contains .*\n/gm, '').replace(/^(?:\/\/ .*\n|\n)*/, '');
  await writeFile(path, header + models);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
