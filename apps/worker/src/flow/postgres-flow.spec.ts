import { startTestPostgres, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetUnused } from './forget-unused.js';
import { PostgresBreakers } from './postgres-breakers.js';
import { PostgresBudgets } from './postgres-budgets.js';

let postgres: TestPostgres;
let pool: pg.Pool;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  pool = new pg.Pool({ connectionString: (await postgres.createDatabase()).worker, max: 10 });
});
afterEach(() => pool.end());

const line = { endpoint: 'https://evs.example', credential: 'production' };
const agoBudget = (column: string, seconds: number) =>
  pool.query(`update cloud_budgets set ${column} = ${column} - $1::int * interval '1 second'`, [seconds]);

/** By the clock of the database all of the next ten statements begin at a time: none waits for a connection. */
const connected = async () => {
  const clients = await Promise.all(Array.from({ length: 10 }, () => pool.connect()));
  for (const client of clients) client.release();
};

describe('a budget in PostgreSQL', () => {
  it('gives to all workers together what it has, and fills again with time', async () => {
    const [one, other] = [new PostgresBudgets(pool, 100), new PostgresBudgets(pool, 100)];
    const taken = await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).take(line, 10, 0)));
    const turns = taken.reduce((sum, grant) => sum + grant.turns, 0);
    expect(turns).toBeGreaterThanOrEqual(25);
    const [{ seconds }] = (
      await pool.query<{ seconds: number }>(
        `select granted::float8, (granted - 25) / 100.0::float8 as seconds from cloud_budgets`,
      )
    ).rows as [{ seconds: number }];
    expect(turns).toBeCloseTo(25 + seconds * 100, 5);
    await agoBudget('filled_at', 60);
    expect((await one.take(line, 1_000, 0)).turns).toBe(25);
  });

  it('is there for whoever comes after a long time', async () => {
    const budgets = new PostgresBudgets(pool, 100);
    await budgets.take(line, 10, 0);
    await agoBudget('filled_at', 86_400);
    expect((await budgets.take(line, 10, 0)).turns).toBe(10);
  });

  it('leaves its reserve to who cannot wait', async () => {
    const budgets = new PostgresBudgets(pool, 100);
    await budgets.take(line, 0, 0);
    await agoBudget('filled_at', 60);
    expect((await budgets.take(line, 1_000, 0.2)).turns).toBe(20);
    expect((await budgets.take(line, 5, 0)).turns).toBe(5);
  });

  it('is halved when the cloud asks for fewer, once for all that are told at a time, and comes back slowly', async () => {
    const budgets = new PostgresBudgets(pool, 100);
    await budgets.take(line, 1, 0);
    await connected();
    await Promise.all(Array.from({ length: 10 }, () => budgets.slowDown(line)));
    expect((await pool.query('select rate from cloud_budgets')).rows).toEqual([{ rate: 50 }]);
    await agoBudget('slowed_at', 10);
    const { perSecond } = await budgets.take(line, 0, 0);
    expect(perSecond).toBeGreaterThanOrEqual(70);
    expect(perSecond).toBeLessThan(100);
    await agoBudget('slowed_at', 3_600);
    expect((await budgets.take(line, 0, 0)).perSecond).toBe(100);
    for (let time = 0; time < 12; time++) {
      await budgets.slowDown(line);
      await pool.query(`update cloud_budgets set slowed_at = now() - interval '1001 milliseconds'`);
    }
    expect((await budgets.take(line, 0, 0)).perSecond).toBeGreaterThanOrEqual(1);
    const { rows } = await pool.query<{ throttled: string }>('select throttled from cloud_budgets');
    expect(rows).toEqual([{ throttled: '22' }]);
  });

  it('tells as used what was taken and not given up', async () => {
    const budgets = new PostgresBudgets(pool, 5_000);
    const used = async () =>
      (await pool.query<{ used: number }>('select used from cloud_budgets')).rows.map((row) => row.used);
    expect((await budgets.take(line, 250, 0)).turns).toBe(250);
    expect(await used()).toEqual([50]);
    await budgets.giveUp(line, 249);
    expect(await used()).toEqual([expect.closeTo(0.2)]);
    await budgets.giveUp({ ...line, credential: 'other' }, 1);
    expect(await used()).toEqual([expect.closeTo(0.2)]);
  });

  it('is one for each endpoint and credential', async () => {
    const budgets = new PostgresBudgets(pool, 4);
    expect((await budgets.take(line, 10, 0)).turns).toBe(2);
    expect((await budgets.take({ ...line, credential: 'other' }, 10, 0)).turns).toBe(2);
  });
});

describe('what workers share of a cloud', () => {
  it('is forgotten when nothing was sent there for a month, and not before', async () => {
    const [budgets, breakers] = [new PostgresBudgets(pool, 4), new PostgresBreakers(pool)];
    const named = { ...line, endpoint: 'https://named.example' };
    for (const each of [line, named]) {
      await budgets.take(each, 1, 0);
      await breakers.open(each.endpoint, 'timeout');
    }
    const endpoints = async () => {
      const { rows } = await pool.query<{ endpoint: string }>(
        `select endpoint from cloud_budgets union all select endpoint from cloud_endpoints order by 1`,
      );
      return rows.map(({ endpoint }) => endpoint);
    };
    const [left, kept] = [line.endpoint, named.endpoint];
    await pool.query(`update cloud_budgets set filled_at = now() - interval '29 days'`);
    await pool.query(`update cloud_endpoints set since = now() - interval '40 days'`);
    await forgetUnused(pool);
    expect(await endpoints()).toEqual([left, left, kept, kept]);
    await agoBudget('filled_at', 2 * 86_400);
    await budgets.take(named, 1, 0);
    await forgetUnused(pool);
    expect(await endpoints()).toEqual([kept, kept]);
  });
});

describe('a circuit breaker in PostgreSQL', () => {
  const { endpoint } = line;
  const due = () =>
    pool.query(`update cloud_endpoints set retry_at = now(), probing_until = least(probing_until, now())`);

  it('is tried by one worker at a time, and ever more rarely', async () => {
    const breakers = new PostgresBreakers(pool);
    const { retryInMs } = await breakers.open(endpoint, 'timeout');
    expect(retryInMs).toBeCloseTo(1_000, -2);
    await pool.query(`update cloud_endpoints set retry_at = retry_at + interval '1 hour'`);
    expect(await breakers.claimProbe(endpoint)).toBe(false);
    await due();
    const claims = await Promise.all(Array.from({ length: 4 }, () => breakers.claimProbe(endpoint)));
    expect(claims.filter((claimed) => claimed)).toHaveLength(1);
    expect((await breakers.stillSilent(endpoint, 'timeout')).retryInMs).toBeCloseTo(2_000, -2);
    expect((await breakers.stillSilent(endpoint, 'timeout')).retryInMs).toBeCloseTo(4_000, -2);
  });

  it('stays as it is when another worker finds the same, and is gone once it is closed', async () => {
    const breakers = new PostgresBreakers(pool);
    await breakers.open(endpoint, 'timeout');
    await breakers.open(endpoint, 'ECONNREFUSED');
    expect([...(await breakers.stillOpen([endpoint, 'https://other.example'])).keys()]).toEqual([endpoint]);
    await breakers.close(endpoint);
    expect(await breakers.stillOpen([endpoint])).toEqual(new Map());
    const { rows } = await pool.query('select state, opened::int, opens from cloud_endpoints');
    expect(rows).toEqual([{ state: 'closed', opened: 1, opens: 0 }]);
  });

  it('wakes what waits for the cloud of its bindings, and nothing else', async () => {
    const breakers = new PostgresBreakers(pool);
    const [binding, other] = [newId(), newId()];
    const waits = async (bindingId: string, waitingFor: string | null) => {
      const id = newId();
      await pool.query(
        `insert into operation_schedule (operation_id, project_id, binding_id, lane, due_at, waiting_for)
         values ($1, $2, $3, 'send', now() + interval '5 minutes', $4)`,
        [id, newId(), bindingId, waitingFor],
      );
      return id;
    };
    const ours = [await waits(binding, 'cloud'), await waits(binding, 'cloud')];
    await waits(binding, 'lock');
    await waits(other, 'cloud');
    const due_ = async () =>
      (await pool.query<{ operation_id: string }>('select operation_id from operation_schedule where due_at <= now()'))
        .rows.length;
    await breakers.wake([binding], 1);
    expect(await due_()).toBe(1);
    await breakers.wake([binding], 100);
    expect(await due_()).toBe(ours.length);
  });
});
