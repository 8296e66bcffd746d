import { type OwnTestPostgres, startOwnTestPostgres, until } from '@strata/testing';
import { urlOf } from '@strata/event-store/postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCli } from '../captured-call.js';

let postgres: OwnTestPostgres;
const passwords = {
  STRATA_DATABASE_OWNER_PASSWORD: 'the owner',
  STRATA_DATABASE_API_PASSWORD: 'the/api',
  STRATA_DATABASE_WORKER_PASSWORD: 'the@worker',
};

beforeAll(async () => {
  postgres = await startOwnTestPostgres();
});
afterAll(() => postgres.stop());

const environment = (database: string) => ({
  ...passwords,
  DATABASE_ADMIN_URL: urlOf(postgres.adminUrl, { database }),
});

const answer = async (url: string, sql: string): Promise<unknown> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql).finally(() => client.end());
  return Object.values(rows[0] ?? {})[0];
};

describe('strata migrate', () => {
  it('makes database, schema and queue, with logins that work', async () => {
    const { code, out, err } = await callCli('migrate', environment('fresh'));
    expect([code, err]).toEqual([0, []]);
    expect(out.filter((line) => line.startsWith('applied '))[0]).toBe('applied 20261122000001_log');
    expect(out.at(-1)).toBe('the schema of the queue is ready');
    expect([...out, ...err].join('\n')).not.toMatch(/the owner|the\/api|the@worker/);

    const worker = urlOf(postgres.adminUrl, { database: 'fresh', user: 'strata_worker', password: 'the@worker' });
    const api = urlOf(postgres.adminUrl, { database: 'fresh', user: 'strata_api', password: 'the/api' });
    expect(await answer(api, 'select head from log_head()')).toBe('0');
    expect(
      await answer(
        worker,
        `select count(*) > 0 from pg_tables where schemaname <> 'public' and tablename like '%job%'`,
      ),
    ).toBe(true);
    expect(await callCli('quota verify', { DATABASE_URL: worker })).toMatchObject({ code: 0 });
  });

  it('finds nothing to do the second time, also by two at once', async () => {
    await callCli('migrate', environment('again'));
    const calls = await Promise.all([1, 2].map(() => callCli('migrate', environment('again'))));
    for (const { code, out, err } of calls) {
      expect(err).toEqual([]);
      expect(code).toBe(0);
      expect(out).toContain('nothing to apply: the schema is up to date');
    }
  });

  it('leaves logins alone on --keep-logins', async () => {
    await callCli('migrate', environment('kept'));
    const { DATABASE_ADMIN_URL } = environment('kept');
    const { code, out } = await callCli('migrate --keep-logins', { DATABASE_ADMIN_URL });
    expect([code, out.some((line) => line.startsWith('logins'))]).toEqual([0, false]);
    const owner = urlOf(postgres.adminUrl, { database: 'kept', user: 'strata_owner', password: 'the owner' });
    expect(await answer(owner, 'select current_user')).toBe('strata_owner');
  });

  it('goes on behind a migration whose process was killed, when told to', async () => {
    await callCli('migrate', environment('killed'));
    const { DATABASE_ADMIN_URL: url } = environment('killed');
    // As a kill leaves it: begun, its transaction undone, never finished.
    await answer(url, 'drop function least_limit');
    await answer(
      url,
      `update _prisma_migrations set finished_at = null where migration_name = '20261122000031_least_limit'`,
    );
    const { code, err } = await callCli('migrate', environment('killed'));
    expect([code, err]).toEqual([3, [expect.stringContaining('try again with --retry-unfinished')]]);
    expect(await callCli('migrate --retry-unfinished', environment('killed'))).toMatchObject({
      code: 0,
      out: expect.arrayContaining(['applied 20261122000031_least_limit']),
    });
    expect(await callCli('migrate', environment('killed'))).toMatchObject({ code: 0 });
  });

  describe.each([
    ['makes the logins', `hashtext('strata bootstrap')`, 'migrate'],
    ['forgets what was begun', '72707369', 'migrate --retry-unfinished'],
    ['applies migrations', '72707369', 'migrate'],
    ['prepares the queue', `hashtext('strata queue')`, 'migrate'],
  ])('while it %s', (_stage, lock, words) => {
    /** A call that has come to the stage, and waits there for a lock that is never given. */
    const underWay = async () => {
      await callCli('migrate', environment('lost'));
      const admin = new pg.Client({ connectionString: environment('lost').DATABASE_ADMIN_URL });
      admin.on('error', () => undefined);
      await admin.connect();
      await admin.query(`select pg_advisory_lock(${lock})`);
      const called = callCli(words, environment('lost'));
      const waiting = `select pid from pg_locks where locktype = 'advisory' and not granted`;
      await until('it waits', async () => (await admin.query(waiting)).rowCount === 1);
      return { admin, called, waiting };
    };

    it('tells in one line that its connection was ended', async () => {
      const { admin, called, waiting } = await underWay();
      await admin.query(`select pg_terminate_backend(pid) from (${waiting}) as those`);
      const { code, err } = await called;
      await admin.end();
      const line = /^strata migrate: .*terminating connection due to administrator command\)?$/;
      expect([code, err]).toEqual([3, [expect.stringMatching(line)]]);
    });

    it('tells in one line that the server died', async () => {
      const { called } = await underWay();
      await postgres.crash('SIGKILL');
      const { code, err } = await called;
      await postgres.revive();
      expect([code, err]).toEqual([
        3,
        [expect.stringMatching(/^strata migrate: the connection to the database was lost/)],
      ]);
    });
  });

  it('names every variable that is missing', async () => {
    expect(await callCli('migrate')).toMatchObject({ code: 2, err: [expect.stringContaining('DATABASE_ADMIN_URL')] });
    const { DATABASE_ADMIN_URL } = environment('none');
    const given = { DATABASE_ADMIN_URL, STRATA_DATABASE_API_PASSWORD: 'x' };
    const { code, err } = await callCli('migrate', given);
    expect(code).toBe(2);
    expect(err).toEqual([
      expect.stringContaining('STRATA_DATABASE_OWNER_PASSWORD, STRATA_DATABASE_WORKER_PASSWORD must be set'),
    ]);
  });

  it('says that a password is wrong without repeating it', async () => {
    const DATABASE_ADMIN_URL = urlOf(postgres.adminUrl, { database: 'strata', password: 'falsches Wort' });
    const { code, err } = await callCli('migrate', { ...passwords, DATABASE_ADMIN_URL });
    expect(code).toBe(3);
    expect(err).toEqual([expect.stringContaining('the database refuses this user and password')]);
    expect(err[0]).not.toMatch(/falsches/);
  });
});
