import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type * as engineWasm from '@prisma/schema-engine-wasm';
import { prismaFolder } from '../prisma-folder.js';
import { onOneConnection } from './one-connection.js';
import { SchemaEngineAdapter } from './schema-engine-adapter.js';

export interface MigrateOptions {
  /** Folder with `migrations/` and `schema.prisma`; default: this repository's. */
  readonly folder?: string;
  /**
   * Applies a migration again that was begun and not finished, as when its process was killed. Each is one transaction: it
   * has left nothing, or it fails again and changes nothing. Without this, it stops every further migration.
   */
  readonly retryUnfinished?: boolean;
}

type Engine = engineWasm.SchemaEngine;
type EngineModule = typeof engineWasm;

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

type Errors = ReturnType<typeof bindMigrationAwareSqlAdapterFactory>['errorRegistry'];

/**
 * The engine names an error of PostgreSQL by a number only; what it stands for is kept beside it. Of others it tells where in
 * its own code it met them, which is left out.
 */
const withCause = (error: unknown, errors: Errors): unknown => {
  if (!(error instanceof Error)) return error;
  const message = error.message.replace(/\n\s*\d+: schema_engine[^]*$/, '');
  const id = /External error id#(\d+)/.exec(message)?.[1];
  const cause = id === undefined ? undefined : errors.consumeError(Number(id))?.error;
  return cause instanceof Error
    ? new Error(`${cause.message} (${message})`, { cause })
    : new Error(message, { cause: error });
};

let loading: Promise<EngineModule> | undefined;

/** Opens the schema engine on a database for the length of `use`. */
export const withSchemaEngine = async <T>(
  url: string,
  schema: string,
  use: (engine: Engine) => Promise<T>,
): Promise<T> => {
  const { SchemaEngine } = await (loading ??= engineModule());
  const postgres = new SchemaEngineAdapter(url);
  const adapter = bindMigrationAwareSqlAdapterFactory(postgres);
  try {
    const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, adapter);
    try {
      return await use(engine);
    } catch (error) {
      throw withCause(error, adapter.errorRegistry);
    } finally {
      engine.free();
    }
  } finally {
    await postgres.disconnect();
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

/** Prisma's own lock: who holds it knows that no migration is under way. */
const migrationLock = 'select pg_advisory_lock(72707369)';

const forgetUnfinished = (adminUrl: string): Promise<void> =>
  onOneConnection(adminUrl, async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      `select to_regclass('_prisma_migrations') is not null as there`,
    );
    if (!rows[0]?.there) return;
    await client.query(migrationLock);
    await client.query(
      'update _prisma_migrations set rolled_back_at = now() where finished_at is null and rolled_back_at is null',
    );
  });

/**
 * Applies what is missing of `prisma/migrations` and fills `_prisma_migrations`, as `prisma migrate deploy` would.
 * Answers with the names of what it applied. The url's user must be able to make roles (a superuser, or `createrole`).
 */
export const migrate = async (adminUrl: string, options: MigrateOptions = {}): Promise<readonly string[]> => {
  const folder = options.folder ?? prismaFolder;
  const schema = await readFile(join(folder, 'schema.prisma'), 'utf8');
  const migrationsList = await migrationList(folder);
  if (options.retryUnfinished) await forgetUnfinished(adminUrl);
  return withSchemaEngine(adminUrl, schema, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: NO_FILTER });
    return appliedMigrationNames;
  });
};

/** The schema brought up to what stands in the database, as `prisma db pull` would. */
export const introspect = async (adminUrl: string, schema: string): Promise<string> =>
  withSchemaEngine(adminUrl, schema, async (engine) => {
    const files = [{ path: 'schema.prisma', content: schema }];
    const pulled = await engine.introspect({
      schema: { files },
      baseDirectoryPath: prismaFolder,
      force: false,
      compositeTypeDepth: 1,
      namespaces: null,
    });
    const [first] = pulled.schema.files;
    if (!first) throw new Error('the schema engine answered no schema');
    return first.content;
  });

/** SQL that would lead from the database to the schema; empty when they agree. */
export const driftFrom = async (adminUrl: string, schema: string): Promise<string> =>
  withSchemaEngine(adminUrl, schema, async (engine) => {
    const files = [{ path: 'schema.prisma', content: schema }];
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: prismaFolder },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: NO_FILTER,
    });
    return exitCode === 0 ? '' : (stdout ?? 'the schema engine found a difference');
  });
