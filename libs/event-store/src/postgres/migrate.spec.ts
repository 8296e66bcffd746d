import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { urlOf } from './bootstrap.js';
import { prismaFolder } from '../prisma-folder.js';
import { driftFrom, introspect, migrate, migrationList } from './migrate.js';

let postgres: TestPostgres;
let folder: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  folder = await mkdtemp(join(tmpdir(), 'strata-migrate-'));
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

const query = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

const emptyDatabase = async (name: string): Promise<string> => {
  await query(postgres.adminUrl, `create database ${name}`);
  return urlOf(postgres.adminUrl, { database: name });
};

const names = async () => (await migrationList(prismaFolder)).migrationDirectories.map(({ path }) => path);

describe('migrations', () => {
  it('are applied once, in order, and noted as Prisma notes them', async () => {
    const url = await emptyDatabase('fresh');
    expect(await migrate(url)).toEqual(await names());
    expect(await migrate(url)).toEqual([]);
    const noted = await query(
      url,
      'select migration_name, finished_at is not null as done from _prisma_migrations order by started_at',
    );
    expect(noted).toEqual((await names()).map((name) => ({ migration_name: name, done: true })));
  });

  it('are applied by several processes at the same time without harm', async () => {
    const url = await emptyDatabase('contended');
    const applied = (await Promise.all([migrate(url), migrate(url), migrate(url)])).flat();
    expect(applied).toEqual(await names());
  });

  it('leave nothing behind when one of them fails, and go on when it is mended', async () => {
    const url = await emptyDatabase('mended');
    await cp(prismaFolder, folder, { recursive: true });
    const broken = join(folder, 'migrations', '99999999000000_broken');
    await mkdir(broken);
    await writeFile(join(broken, 'migration.sql'), 'create table half (n int); select no_such_function();');
    await expect(migrate(url, { folder })).rejects.toThrow(/no_such_function/);
    expect(await query(url, `select to_regclass('half') as half`)).toEqual([{ half: null }]);
    // As with `prisma migrate deploy`: whoever mends it says so first.
    await query(url, `update _prisma_migrations set rolled_back_at = now() where migration_name like '%broken'`);
    await writeFile(join(broken, 'migration.sql'), 'create table half (n int);');
    expect(await migrate(url, { folder })).toEqual(['99999999000000_broken']);
  });

  it('make what schema.prisma says', async () => {
    const { admin } = await postgres.createDatabase();
    const schema = await readFile(join(prismaFolder, 'schema.prisma'), 'utf8');
    expect(await driftFrom(admin, schema)).toBe('');
    const models = (text: string) => text.match(/^model \w+/gm)?.sort();
    // A table that the schema does not have is drift that the engine would only drop. To mend: node tools/prisma-schema.mjs
    expect(models(schema)).toEqual(models(await introspect(admin, schema)));
  });

  it('differ from a schema that says something else', async () => {
    const { admin } = await postgres.createDatabase();
    const schema = await readFile(join(prismaFolder, 'schema.prisma'), 'utf8');
    expect(await driftFrom(admin, schema.replace('incarnation  String', 'incarnation  Int'))).toMatch(
      /ALTER TABLE "log"/,
    );
  });
});
