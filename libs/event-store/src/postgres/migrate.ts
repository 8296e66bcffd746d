import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';

/** `prisma/` of this repository: schema.prisma and the migrations, in Prisma's own layout. */
export const prismaFolder = fileURLToPath(new URL('../../../../prisma/', import.meta.url));

export interface MigrateOptions {
  /** Folder with `migrations/` and `schema.prisma`; default: this repository's. */
  readonly folder?: string;
}

/**
 * The adapter's own `executeScript` cuts a script at every semicolon, also inside a function's body. A script without
 * parameters can go to PostgreSQL as it is, which also makes it one transaction.
 */
class WholeScripts extends PrismaPg {
  readonly #connected: Awaited<ReturnType<PrismaPg['connect']>>[] = [];

  override async connect() {
    const adapter = await super.connect();
    this.#connected.push(adapter);
    adapter.executeScript = async (script) => void (await adapter.underlyingDriver().query(script));
    return adapter;
  }

  /** The engine never closes what it opened, and an open session keeps the lock of its migration. */
  async disconnect(): Promise<void> {
    await Promise.all(this.#connected.map((adapter) => adapter.dispose()));
  }
}

type Engine = import('@prisma/schema-engine-wasm').SchemaEngine;
type EngineModule = typeof import('@prisma/schema-engine-wasm');

const NO_FILTER = { externalTables: [], externalEnums: [] };

/** As much of WebAssembly as is used here; its types come with the browser's, which have no place in this project. */
interface WebAssemblyApi {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
}
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

/** Prisma's schema engine in WebAssembly: the same that `prisma migrate` runs, without a binary to download. */
const engineModule = async (): Promise<EngineModule> => {
  const location = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const glue = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as EngineModule & {
    __wbg_set_wasm(exports: object): void;
  };
  const bytes = await readFile(fileURLToPath(new URL('./schema_engine_bg.wasm', location)));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue });
  // The engine reports a panic through this global; without it the panic itself would fail.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: () => undefined } });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return glue;
};

let loading: Promise<EngineModule> | undefined;

/** Opens the schema engine on a database for the length of `use`. */
export const withSchemaEngine = async <T>(
  url: string,
  schema: string,
  use: (engine: Engine) => Promise<T>,
): Promise<T> => {
  const { SchemaEngine } = await (loading ??= engineModule());
  const scripts = new WholeScripts({ connectionString: url, max: 2 });
  const adapter = bindMigrationAwareSqlAdapterFactory(scripts);
  try {
    const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, adapter);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } finally {
    await scripts.disconnect();
  }
};

/** The migrations of a folder as the engine wants them, in order. */
export const migrationList = async (folder: string) => {
  const baseDir = join(folder, 'migrations');
  const names = (await readdir(baseDir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const migrationDirectories = await Promise.all(
    names
      .map(({ name }) => name)
      .sort()
      .map(async (path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(join(baseDir, path, 'migration.sql'), 'utf8') },
        },
      })),
  );
  const lockfile = {
    path: 'migration_lock.toml',
    content: await readFile(join(baseDir, 'migration_lock.toml'), 'utf8'),
  };
  return { baseDir, lockfile, migrationDirectories, shadowDbInitScript: '' };
};

/**
 * Applies what is missing of `prisma/migrations` and fills `_prisma_migrations`, as `prisma migrate deploy` would.
 * Answers with the names of what it applied. The url's user must be able to make roles (a superuser, or `createrole`).
 */
export const migrate = async (adminUrl: string, options: MigrateOptions = {}): Promise<readonly string[]> => {
  const folder = options.folder ?? prismaFolder;
  const schema = await readFile(join(folder, 'schema.prisma'), 'utf8');
  const migrationsList = await migrationList(folder);
  return withSchemaEngine(adminUrl, schema, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: NO_FILTER });
    return appliedMigrationNames;
  });
};
