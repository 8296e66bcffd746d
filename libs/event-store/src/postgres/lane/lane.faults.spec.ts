import { startTestPostgres, type TestDatabase, type TestPostgres, until } from '@strata/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Append, LaneUnavailable } from '../../append.js';
import { CuttingProxy } from '../../contract/cutting-proxy.js';
import { diskAppend, held, plantTree, type Tree } from '../../contract/sample-appends.js';
import { everything } from '../../event-store.js';
import { urlOf } from '../bootstrap.js';
import { PostgresEventStore, type PostgresEventStoreOptions } from '../postgres-event-store.js';
import { PostgresQuotaLedger } from '../quota-ledger.js';
import { laneBounds } from './lane.js';

const laneLock = 7301954416;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

let database: TestDatabase;
let admin: pg.Client;
let store: PostgresEventStore;
let tree: Tree;
beforeEach(async () => {
  database = await postgres.createDatabase();
  admin = new pg.Client({ connectionString: database.admin });
  await admin.connect();
  store = new PostgresEventStore({ url: database.api });
  tree = await plantTree(store);
});
afterEach(async () => {
  await store.close();
  await admin.end();
});

const withStore = async (
  options: Partial<PostgresEventStoreOptions>,
  use: (other: PostgresEventStore) => Promise<void>,
) => {
  const other = new PostgresEventStore({ url: database.api, ...options });
  try {
    await use(other);
  } finally {
    await other.close();
  }
};

const appendsOf = (count: number): readonly Append[] =>
  Array.from({ length: count }, () => diskAppend(tree.project, [held('disks', 1)]));

/** Each append stands in the log exactly once, positions have no hole, and the ledger agrees. */
const expectEachOnce = async (appends: readonly Append[]) => {
  const events = await store.read({ sight: everything, after: 0, limit: 100_000 });
  expect(events.map(({ position }) => position)).toEqual(events.map((_, n) => n + 1));
  const written = events.filter(({ type }) => type === 'DiskRequested').map(({ stream }) => stream);
  expect(written.sort()).toEqual(appends.flatMap(({ streams }) => streams.map(({ stream }) => stream)).sort());
  expect((await new PostgresQuotaLedger(store.pool).recount()).differences).toEqual([]);
};

/** Somebody else holds the lane for the length of `use`. */
const whileHeld = async (use: () => Promise<void>) => {
  await admin.query('begin');
  await admin.query('select pg_advisory_xact_lock($1)', [laneLock]);
  try {
    await use();
  } finally {
    await admin.query('rollback');
  }
};

const rejection = (verdict: Promise<unknown>): Promise<unknown> =>
  verdict.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the commit lane under faults', () => {
  it('commits each append exactly once when the connection is cut around the commit, 200 times', async () => {
    const proxy = await CuttingProxy.before(postgres.port);
    const url = new URL(database.api);
    url.port = `${proxy.port}`;
    const sent: Append[] = [];
    await withStore({ url: url.href }, async (behindProxy) => {
      await behindProxy.head();
      for (let n = 0; n < 200; n += 1) {
        const appends = appendsOf(1 + (n % 3));
        sent.push(...appends);
        proxy.arm(n % 4 === 0 ? 'before-the-server-hears' : 'after-the-commit');
        const verdicts = await Promise.all(appends.map((append) => behindProxy.append(append)));
        for (const verdict of verdicts) {
          expect(verdict).toMatchObject({
            status: 'committed',
            versions: [1],
            recordedAt: expect.stringMatching(/Z$/),
          });
        }
      }
    });
    await proxy.close();
    expect(proxy.cuts).toBe(200);
    await expectEachOnce(sent);
  }, 120_000);

  it('commits each append exactly once while the server ends its connections', async () => {
    const sent = appendsOf(300);
    let ended = 0;
    for (let from = 0; from < sent.length; from += 5) {
      const verdicts = sent.slice(from, from + 5).map((append) => store.append(append));
      const { rowCount } = await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'strata-lane' and datname = current_database()`,
      );
      ended += rowCount ?? 0;
      expect(new Set((await Promise.all(verdicts)).map(({ status }) => status))).toEqual(new Set(['committed']));
    }
    expect(ended).toBeGreaterThan(20);
    await expectEachOnce(sent);
  }, 120_000);

  it('keeps a data error from the neighbours of the append that caused it', async () => {
    // The sum goes beyond what the ledger can hold, which only the database can notice.
    const most = held('gigabytes', Number.MAX_SAFE_INTEGER);
    const huge = () => diskAppend(tree.project, [most], { mode: 'fact' });
    const filling = Array.from({ length: 1_024 }, huge);
    const fitting = await Promise.all(filling.map((append) => store.append(append)));
    expect(fitting.every(({ status }) => status === 'committed')).toBe(true);

    const healthy = appendsOf(40);
    const poison = [huge(), huge(), huge()];
    const mixed = [
      ...healthy.slice(0, 7),
      ...poison.slice(0, 1),
      ...healthy.slice(7, 30),
      ...poison.slice(1),
      ...healthy.slice(30),
    ];
    const outcomes = await Promise.allSettled(mixed.map((append) => store.append(append)));
    const failed = mixed.filter((_, n) => outcomes[n]?.status === 'rejected');
    expect(failed).toEqual(poison);
    expect(
      outcomes.flatMap((each) => (each.status === 'rejected' ? [(each.reason as { code?: string }).code] : [])),
    ).toEqual(Array(3).fill('22003'));
    await expectEachOnce([...filling, ...healthy]);
  });

  it('says that it is unavailable when too much waits, and commits what waited', async () => {
    const bounds = { ...laneBounds, batchAppends: 3, waitingAppends: 5 };
    await withStore({ bounds }, async (bounded) => {
      const first = appendsOf(1);
      await bounded.append(first[0] as Append);
      const waiting = appendsOf(8);
      await whileHeld(async () => {
        const early = waiting.slice(0, 3).map((append) => bounded.append(append));
        await until('the first batch waits for the lane', async () => {
          const { rows } = await admin.query(
            `select 1 from pg_locks where locktype = 'advisory' and not granted
                and database = (select oid from pg_database where datname = current_database())`,
          );
          return rows.length > 0;
        });
        const late = waiting.slice(3).map((append) => bounded.append(append));
        const error = await rejection(bounded.append(diskAppend(tree.project)));
        expect(error).toBeInstanceOf(LaneUnavailable);
        expect(error).toMatchObject({ retryAfterSeconds: 1 });
        await admin.query('rollback');
        const verdicts = await Promise.all([...early, ...late]);
        expect(verdicts.every(({ status }) => status === 'committed')).toBe(true);
      });
      await expectEachOnce([...first, ...waiting]);
    });
  });

  it('bounds what waits by its bytes too', async () => {
    await withStore({ bounds: { ...laneBounds, waitingBytes: 100 } }, async (bounded) => {
      expect(await rejection(bounded.append(diskAppend(tree.project)))).toBeInstanceOf(LaneUnavailable);
    });
  });

  it('goes by the time-out of the server, and what timed out is not in the log', async () => {
    await withStore({ statementTimeoutMs: 200 }, async (impatient) => {
      const appends = appendsOf(3);
      await whileHeld(async () => {
        const errors = await Promise.all(appends.map((append) => rejection(impatient.append(append))));
        for (const error of errors) {
          expect(error).toBeInstanceOf(LaneUnavailable);
          expect((error as LaneUnavailable).cause).toMatchObject({ code: '57014' });
        }
      });
      await expectEachOnce([]);
      // Free again, the lane may still be slower than so short a time-out.
      for (const append of appends) {
        await until('it is committed', async () => {
          const verdict = await impatient.append(append).catch((error: unknown) => error);
          if (verdict instanceof LaneUnavailable) return false;
          // `replayed`: it was committed, and its time was over all the same.
          expect(verdict).toMatchObject({ status: expect.stringMatching(/^(committed|replayed)$/) });
          return true;
        });
      }
      await expectEachOnce(appends);
    });
  });

  it('says that it is unavailable while there is no server', async () => {
    const url = new URL(database.api);
    url.port = '1';
    await withStore({ url: url.href, resendForMs: 200 }, async (lost) => {
      const errors = await Promise.all(appendsOf(3).map((append) => rejection(lost.append(append))));
      for (const error of errors) expect(error).toBeInstanceOf(LaneUnavailable);
    });
  });

  it('refuses to run unless the isolation is read committed', async () => {
    const url = `${database.api}?options=${encodeURIComponent('-c default_transaction_isolation=serializable')}`;
    await withStore({ url }, async (serializable) => {
      expect(await rejection(serializable.append(diskAppend(tree.project)))).toMatchObject({ code: '25001' });
    });
    await expectEachOnce([]);
  });

  it('sends what waits before it closes', async () => {
    const appends = appendsOf(50);
    const closing = new PostgresEventStore({ url: database.api });
    const verdicts = appends.map((append) => closing.append(append));
    await closing.close();
    expect((await Promise.all(verdicts)).every(({ status }) => status === 'committed')).toBe(true);
    expect(await rejection(closing.append(diskAppend(tree.project)))).toBeInstanceOf(LaneUnavailable);
    await expectEachOnce(appends);
  });

  it('never lets time run backwards', async () => {
    await admin.query(
      `update events set recorded_at = now() + interval '1 hour' where position = (select max(position) from events)`,
    );
    const { recordedAt } = await store.head();
    expect(await store.append(diskAppend(tree.project))).toMatchObject({ status: 'committed', recordedAt });
  });

  it('uses the roles and passwords of the url', async () => {
    await withStore({ url: urlOf(database.api, { password: 'wrong' }), resendForMs: 100 }, async (stranger) => {
      expect(await rejection(stranger.append(diskAppend(tree.project)))).toMatchObject({ code: '28P01' });
    });
  });

  it('tells that the database cannot be written, and that it can again without an append having tried', async () => {
    const name = admin.escapeIdentifier(new URL(database.api).pathname.slice(1));
    const hangUp = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'strata_api'`;
    await withStore({ resendForMs: 2_000 }, async (other) => {
      expect(await other.whyNotWritable()).toBeUndefined();
      await admin.query(`alter database ${name} set default_transaction_read_only = on`);
      await admin.query(hangUp);
      expect(await rejection(other.append(appendsOf(1)[0] as Append))).toBeInstanceOf(LaneUnavailable);
      expect(await other.whyNotWritable()).toBe('the database can only be read (25006)');
      await admin.query(`set default_transaction_read_only = off`);
      await admin.query(`alter database ${name} reset default_transaction_read_only`);
      await admin.query(hangUp);
      await until('a write of its own gets through', async () => (await other.whyNotWritable()) === undefined);
    });
  });
});
