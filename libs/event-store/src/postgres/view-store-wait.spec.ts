import { startTestPostgres, type TestPostgres } from '@strata/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '../contract/open-pool.js';
import { ViewWatch } from './view-store-wait.js';

let postgres: TestPostgres;
let admin: pg.Pool;
let api: pg.Pool;
let database: string;
let watch: ViewWatch;
let looks = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
  const urls = await postgres.createDatabase();
  database = urls.name;
  admin = openPool(urls.admin, 1);
  api = openPool(urls.api, 4);
  api.on('acquire', () => (looks += 1));
  watch = new ViewWatch(api);
  await admin.query(`insert into view_generation values ('disks', 1), ('operations', 1)`);
  await moveTo('disks', 0, 1);
});
afterAll(async () => {
  await Promise.all([admin.end(), api.end()]);
  await postgres.stop();
});

const moveTo = async (view: string, after: number, position: number): Promise<void> => {
  await admin.query('insert into checkpoints (follower, after, position) values ($1, $2, $3)', [
    `${view}@1`,
    after,
    position,
  ]);
};

const longMs = 20_000;

describe('waiting for views', () => {
  it('costs the same looks however many wait, for whichever views', async () => {
    const waiting = Array.from({ length: 500 }, (_, n) =>
      watch.reaches(n % 2 === 0 ? 'disks' : 'operations', 2 + (n % 10), longMs),
    );
    looks = 0;
    const began = performance.now();
    for (let position = 2; position <= 11; position += 1) {
      await moveTo('disks', position - 1, position);
      await moveTo('operations', position - 1, position);
      await watch.reaches('operations', position, longMs);
    }
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => true));
    // One who looks pauses 15 ms at least: the slower the machine, the more looks, but never by the number of those who wait.
    expect(looks).toBeLessThan(2 + (performance.now() - began) / 14);
    expect(looks).toBeGreaterThanOrEqual(10);
  });

  it('looks ever less while a view stands', async () => {
    looks = 0;
    expect(await watch.reaches('disks', 1_000, 1_200)).toBe(false);
    expect(looks).toBeLessThan(1_200 / 15 / 2);
  });

  it('outlasts an outage of the database', async () => {
    const waiting = watch.reaches('disks', 12, longMs);
    await admin.query(`alter database ${database} connection limit 0`);
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'strata_api'`,
    );
    expect(await watch.reaches('disks', 12, 100)).toBe(false);
    await moveTo('disks', 11, 12);
    await admin.query(`alter database ${database} connection limit -1`);
    expect(await waiting).toBe(true);
  });

  it('fails for all when it cannot be known where views stand', async () => {
    const waiting = ['disks', 'operations'].map((view) => watch.reaches(view, 1_000, longMs));
    const failed = Promise.all(waiting.map((each) => expect(each).rejects.toThrow('permission denied')));
    await admin.query('revoke select on checkpoints from strata_api');
    await failed;
    await admin.query('grant select on checkpoints to strata_api');
    expect(await watch.reaches('disks', 12, longMs)).toBe(true);
  });
});
