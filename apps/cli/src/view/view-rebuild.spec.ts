import { EventTypes, type Projection } from '@strata/event-store';
import { FollowerRunner, PostgresEventStore, PostgresPeople, PostgresQuotaLedger } from '@strata/event-store/postgres';
import { bindingEvents, projectEvents, projectsView, seed } from '@strata/projects';
import { startTestPostgres, type TestDatabase, type TestPostgres, until } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCli } from '../captured-call.js';

let postgres: TestPostgres;
let database: TestDatabase;

const address = {
  region: 'eu-de',
  endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' },
  cloudProjectId: '0'.repeat(32),
  credentials: { ref: 'simulator' },
};

/** The seed of the embedded mode, and a projector that has followed it. */
const fill = async (): Promise<void> => {
  const types = new EventTypes([projectEvents, bindingEvents]);
  const store = new PostgresEventStore({ url: database.worker, types });
  const { pool } = store;
  await seed({ store, ledger: new PostgresQuotaLedger(pool), people: new PostgresPeople(pool) }, address);
  const runner = new FollowerRunner({ pool, store, types, projections: [projectsView as unknown as Projection] });
  await runner.start();
  await until('the view has followed', async () => (await runner.status()).every(({ behind }) => behind === 0));
  await runner.stop();
  await store.close();
};

const asAdmin = async (sql: string): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: database.admin });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql).finally(() => client.end());
  return rows;
};

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase();
  await fill();
});
afterAll(() => postgres.stop());

const rebuild = (words = '') => callCli(`view rebuild projects ${words}`, { DATABASE_URL: database.worker });

describe('strata view rebuild', () => {
  it('finds the live view as the log makes it, and leaves nothing behind', async () => {
    const { code, out, err } = await rebuild();
    expect([code, err]).toEqual([0, []]);
    expect(out).toEqual([expect.stringMatching(/^projects: no difference in \d+ row versions at position \d+$/)]);
    expect(await asAdmin('select distinct generation from view_projects')).toEqual([{ generation: 1 }]);
  });

  it('names the rows that differ, answers 1, and changes nothing', async () => {
    await asAdmin(`update view_projects set name = 'gamma' where name = 'alpha' and valid_to is null`);
    const { code, out } = await rebuild();
    expect(code).toBe(1);
    expect(out[0]).toMatch(/^row [0-9a-f-]{36} from position \d+: other name$/);
    expect(out[1]).toMatch(/^projects: 1 difference in /);
    expect(await asAdmin(`select count(*)::int from view_projects where name = 'gamma'`)).toEqual([{ count: 1 }]);
  });

  it('takes the rebuilt view into use on --switch', async () => {
    const { code, out } = await rebuild('--switch');
    expect([code, out.at(-1)]).toEqual([0, 'projects: generation 2 is in use']);
    expect(await asAdmin('select distinct generation from view_projects')).toEqual([{ generation: 2 }]);
    expect(await asAdmin(`select count(*)::int from view_projects where name = 'gamma'`)).toEqual([{ count: 0 }]);
    expect(await rebuild()).toMatchObject({ code: 0 });
  });

  it('says that another role may not do this', async () => {
    const { code, err } = await callCli('view rebuild projects', { DATABASE_URL: database.api });
    expect(code).toBe(3);
    expect(err).toEqual([expect.stringContaining('DATABASE_URL must be that of strata_worker')]);
  });
});
