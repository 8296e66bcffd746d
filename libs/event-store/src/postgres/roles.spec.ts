import { type OwnTestPostgres, startOwnTestPostgres, type TestDatabase } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskAppend, held, plantTree, setLimits, type Tree } from '../contract/sample-appends.js';
import { assertRole, UnsafeRole } from './assert-role.js';
import { bootstrap, urlOf } from './bootstrap.js';
import { PostgresEventStore } from './postgres-event-store.js';

let postgres: OwnTestPostgres;
let database: TestDatabase;
let mine: Tree;
let theirs: Tree;
const clients: pg.Client[] = [];

const clientOf = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  clients.push(client);
  return client;
};

let admin: pg.Client;
let api: pg.Client;

beforeAll(async () => {
  postgres = await startOwnTestPostgres();
  database = await postgres.createDatabase();
  admin = await clientOf(database.admin);
  api = await clientOf(database.api);
  const store = new PostgresEventStore({ url: database.api });
  for (const tree of [(mine = await plantTree(store)), (theirs = await plantTree(store))]) {
    await store.append(setLimits(tree.project, { disks: 5 }, tree.project));
    await store.append(
      diskAppend(tree.project, [held('disks', 1)], {
        key: { scope: tree.project, key: 'k', fingerprint: 'f', answer: {} },
      }),
    );
    await fillOthers(tree);
  }
  await store.close();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await postgres.stop();
});

/** A row in every other table that has a project, so that none is empty when it is asked. */
let filled = 0;
const fillOthers = async ({ project }: Tree) => {
  const tables = await guardedTables();
  for (const table of tables) {
    const { rows } = await admin.query<{ name: string; type: string; needed: boolean }>(
      `select column_name as name, udt_name as type, is_nullable = 'NO' and column_default is null as needed
       from information_schema.columns where table_schema = 'public' and table_name = $1`,
      [table],
    );
    const { rowCount } = await admin.query(`select from ${table} t where t::text like '%${project}%' limit 1`);
    if (rowCount) continue;
    const needed = rows.filter(({ needed }) => needed);
    const value = ({ name, type }: (typeof rows)[number]) =>
      ({
        int4: '1',
        int8: String((filled += 1)),
        text: `'send'`,
        bool: 'false',
        timestamptz: 'now()',
        jsonb: `'{}'`,
        json: `'{}'`,
        _text: `'{}'`,
        _int8: `'{}'`,
        uuid: ['project_id', 'node'].includes(name) ? `'${project}'` : 'gen_random_uuid()',
      })[type] ?? 'null';
    await admin.query(
      `insert into ${table} (${needed.map(({ name }) => name).join(', ')}) values (${needed.map(value).join(', ')})`,
    );
  }
};

const guardedTables = async (): Promise<readonly string[]> => {
  const { rows } = await admin.query<{ table: string }>(
    `select distinct table_name as table from information_schema.columns
     where table_schema = 'public' and column_name in ('project_id', 'node', 'path', 'scope') order by 1`,
  );
  return rows.map(({ table }) => table);
};

const sightOf = (client: pg.Client, nodes: readonly string[], scope = '') =>
  client.query(
    `select set_config('strata.sight', 'grants', true), set_config('strata.grants', $1, true), set_config('strata.scope', $2, true)`,
    [`{${nodes.join(',')}}`, scope],
  );

describe('row-level security', () => {
  it('is forced on every table that has something of a project', async () => {
    const { rows } = await admin.query<{ relname: string }>(
      `select relname from pg_class where relname = any($1) and relkind = 'r' and not (relrowsecurity and relforcerowsecurity)`,
      [await guardedTables()],
    );
    expect(rows).toEqual([]);
    expect((await guardedTables()).length).toBeGreaterThan(10);
  });

  it('shows no row to a query without a WHERE clause and without grants', async () => {
    for (const table of await guardedTables()) {
      const all = await admin.query(`select from ${table}`);
      expect([table, (all.rowCount ?? 0) > 0]).toEqual([table, true]);
      const { rows } = await api.query(`select * from ${table}`);
      expect([table, rows]).toEqual([table, []]);
    }
  });

  it('shows to a query without a WHERE clause what the grants reach, and nothing else', async () => {
    await api.query('begin');
    await sightOf(api, [mine.team], mine.project);
    for (const table of await guardedTables()) {
      const { rows } = await api.query<{ row: string }>(`select t::text as row from ${table} t`);
      const text = rows.map(({ row }) => row).join('\n');
      expect([table, text.includes(mine.project)]).toEqual([table, true]);
      for (const foreign of [...Object.values(theirs), mine.other, mine.binding]) {
        if (table !== 'nodes' && table !== 'node_paths')
          expect([table, text.includes(foreign)]).toEqual([table, false]);
        else expect(rows.some(({ row }) => row.startsWith(`(${foreign}`))).toBe(false);
      }
    }
    await api.query('commit');
    expect((await api.query('select * from events')).rows).toEqual([]);
  });

  it('lets a worker see everything, without a right to bypass it', async () => {
    const worker = await clientOf(database.worker);
    for (const table of await guardedTables()) {
      const [seen, all] = [await worker.query(`select from ${table}`), await admin.query(`select from ${table}`)];
      expect([table, seen.rowCount]).toEqual([table, all.rowCount]);
    }
  });
});

describe('the roles', () => {
  it.each(['api', 'worker'] as const)('let nobody but the lane write the log (%s)', async (role) => {
    const client = await clientOf(database[role]);
    const refused = { code: '42501' };
    for (const table of [
      'events',
      'streams',
      'appends',
      'quota_ledger',
      'nodes',
      'node_paths',
      'limits',
      'tokens',
      'log',
    ]) {
      await expect(client.query(`insert into ${table} default values`)).rejects.toMatchObject(refused);
      await expect(client.query(`delete from ${table}`)).rejects.toMatchObject(refused);
      await expect(client.query(`truncate ${table}`)).rejects.toMatchObject(refused);
    }
    await expect(client.query(`update events set type = 'x'`)).rejects.toMatchObject(refused);
    await expect(client.query(`update nodes set path = '{}'`)).rejects.toMatchObject(refused);
    await expect(client.query(`select carry('{}', '{}', '{}', 1, 1, 1)`)).rejects.toMatchObject(refused);
    await expect(client.query('set role strata_lane')).rejects.toMatchObject(refused);
  });

  it('are accepted at boot only if row-level security binds them', async () => {
    const bind = async (url: string) => {
      const pool = new pg.Pool({ connectionString: url, max: 1 });
      try {
        await assertRole(pool);
      } finally {
        await pool.end();
      }
    };
    await bind(database.api);
    await bind(database.worker);
    await expect(bind(database.admin)).rejects.toThrow(UnsafeRole);
    await expect(bind(database.admin)).rejects.toThrow('is a superuser');
    await expect(bind(urlOf(database.admin, { user: 'strata_owner', password: 'owner' }))).rejects.toThrow(
      'owns the tables',
    );
    await admin.query(`create role sees_all login bypassrls password 'x'`);
    await admin.query(`create role may_be_lane login password 'x' in role strata_lane`);
    const as = (user: string) => bind(urlOf(database.admin, { user, password: 'x' }));
    await expect(as('sees_all')).rejects.toThrow('bypasses row-level security');
    await expect(as('may_be_lane')).rejects.toThrow('can act as the commit lane');
  });

  it('can be made again with other passwords', async () => {
    const passwords = { owner: `o'"1`, api: 'a/?@2', worker: 'w3' };
    const urls = await bootstrap(postgres.adminUrl, { database: database.name, passwords });
    const again = await clientOf(urls.api);
    expect((await again.query('select current_user as name')).rows).toEqual([{ name: 'strata_api' }]);
    await bootstrap(postgres.adminUrl, {
      database: database.name,
      passwords: { owner: 'owner', api: 'api', worker: 'worker' },
    });
  });
});
