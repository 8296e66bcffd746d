import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { openTwoRoles, type TwoRoles } from '../contract/open-pool.js';
import { sampleId, sampleView, type SampleRow } from '../contract/sample-disks.js';
import { sqlOn } from './follower-transaction.js';
import type { RowVersion } from './projection-fold.js';
import { writeRows } from './projection-rows.js';
import { compareGenerations, type Differences, type RowDifference } from './rebuild-differences.js';
import { removeGeneration } from './rebuild.js';

const [live, rebuilt] = [1, 2];
const asLongAsTheLog = 1_000_000_000;

let postgres: TestPostgres;
let roles: TwoRoles;
let admin: pg.Pool;
let pool: pg.Pool;

beforeAll(async () => {
  postgres = await startTestPostgres();
  roles = openTwoRoles(await postgres.createDatabase(), { admin: 1, worker: 1 });
  ({ admin, worker: pool } = roles);
});
afterAll(async () => {
  await roles.close();
  await postgres.stop();
});
beforeEach(() => admin.query('truncate view_disks, view_disks_tags'));

const versionOf = (n: number, validFrom: number, validTo: number | null, sizeGiB = 10): RowVersion<SampleRow> => ({
  row: {
    key: sampleId(1, n),
    projectId: sampleId(2, n % 3),
    name: 'data',
    description: null,
    sizeGiB,
    type: 'SSD',
    availabilityZone: 'eu-de-01',
    status: 'available',
    statusReason: undefined,
    tags: {},
    createdAt: '2026-11-01T00:00:00.000000Z',
    updatedAt: '2026-11-01T00:00:00.000000Z',
    cloudId: null,
    version: 1,
    doc: {},
  },
  validFrom,
  validTo,
});

const write = (generation: number, made: readonly RowVersion<SampleRow>[]) =>
  writeRows(sqlOn(pool), sampleView, generation, { made, ended: [] });

const compared = (change: { readonly upTo?: number; readonly rowsPerChunk?: number } = {}) =>
  compareGenerations(pool, { projection: sampleView, live, rebuilt, upTo: asLongAsTheLog, ...change });

const one = (n: number) => versionOf(n, n, null);
const many = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => one(from + index));
const named = (difference: RowDifference['difference'], n: number): RowDifference => ({
  ...{ key: sampleId(1, n), validFrom: n, difference, columns: [] },
});

describe('the comparison of two generations', () => {
  it('has nothing to tell of two that are empty', async () => {
    expect(await compared()).toEqual({ compared: 0, different: 0, first: [] });
  });

  it('tells of rows that stand in one of them alone, and counts beyond the first hundred', async () => {
    await write(live, many(1, 4_501));
    await write(rebuilt, many(2_500, 7_001));
    const { first, ...counts } = await compared();
    expect(counts).toEqual({ compared: 4_501, different: 2_499 + 2_500 });
    expect(first).toEqual(Array.from({ length: 100 }, (_, index) => named('only-live', index + 1)));
  });

  it('tells of all rows when one of them is empty', async () => {
    await write(rebuilt, many(1, 11));
    const { first, ...counts } = await compared({ rowsPerChunk: 4 });
    expect(counts).toEqual({ compared: 10, different: 10 });
    expect(first.map(({ difference }) => difference)).toEqual(Array.from({ length: 10 }, () => 'only-rebuilt'));
  });

  it('compares the versions of a key that has more than a chunk holds', async () => {
    const versions = Array.from({ length: 5_000 }, (_, index) => versionOf(7, index + 1, index + 2));
    await write(live, [...many(1, 7), ...versions, one(8)]);
    await write(rebuilt, [...many(1, 7), ...versions.with(4_321, versionOf(7, 4_322, 4_323, 11)), one(8)]);
    expect(await compared()).toEqual({
      ...{ compared: 5_007, different: 1 },
      first: [{ key: sampleId(1, 7), validFrom: 4_322, difference: 'changed', columns: ['size_gib'] }],
    });
  });

  it('leaves out versions that began, and ends that came, after the position it compares at', async () => {
    await write(live, [versionOf(1, 5, 11), versionOf(1, 11, null), versionOf(2, 12, 13), versionOf(3, 4, 9)]);
    await write(rebuilt, [versionOf(1, 5, null), versionOf(3, 4, 10)]);
    expect(await compared({ upTo: 10 })).toEqual({
      ...{ compared: 2, different: 1 },
      first: [{ key: sampleId(1, 3), validFrom: 4, difference: 'changed', columns: ['valid_to'] }],
    });
  });

  it('finds the same however many rows a chunk has', async () => {
    const version = fc.record({ n: fc.nat({ max: 9 }), validFrom: fc.integer({ min: 1, max: 9 }), sizeGiB: fc.nat(1) });
    const generation = fc.uniqueArray(version, { maxLength: 40, selector: ({ n, validFrom }) => 10 * n + validFrom });
    const upTo = fc.integer({ min: 1, max: 10 });
    await fc.assert(
      fc.asyncProperty(
        generation,
        generation,
        upTo,
        fc.integer({ min: 1, max: 12 }),
        async (a, b, upTo, rowsPerChunk) => {
          await admin.query('truncate view_disks');
          const made = (all: typeof a) =>
            all.map(({ n, validFrom, sizeGiB }) => versionOf(n, validFrom, validFrom + 1, sizeGiB));
          await write(live, made(a));
          await write(rebuilt, made(b));
          expect(await compared({ upTo, rowsPerChunk })).toEqual(expected(a, b, upTo));
        },
      ),
      { numRuns: 40, seed: 5 },
    );
  });

  it.each([
    ['when PostgreSQL knows little of either', 10, 10],
    ['when it knows the live one alone', 12_000, 0],
    ['when it knows both', 12_000, 12_000],
  ])('reads each row of a view twice at most, %s', async (_case, ofLive, ofRebuilt) => {
    const rows = many(0, 12_000);
    await write(live, rows.slice(0, ofLive));
    await write(rebuilt, rows.slice(0, ofRebuilt));
    await admin.query('vacuum analyze view_disks');
    await write(live, rows.slice(ofLive));
    await write(rebuilt, rows.slice(ofRebuilt));
    const before = await rowsRead();
    expect(await compared()).toEqual({ compared: 12_000, different: 0, first: [] });
    expect((await rowsRead()) - before).toBeLessThan(2 * 24_000 + 100);
  });
});

interface Drawn {
  readonly n: number;
  readonly validFrom: number;
  readonly sizeGiB: number;
}

/** The model: both generations as they were at a position, in memory, pair by pair. */
const expected = (a: readonly Drawn[], b: readonly Drawn[], upTo: number): Differences => {
  const place = ({ n, validFrom }: Drawn) => 10 * n + validFrom;
  const [ofLive, ofRebuilt] = [a, b].map(
    (all) => new Map(all.filter(({ validFrom }) => validFrom <= upTo).map((each) => [place(each), each])),
  ) as [Map<number, Drawn>, Map<number, Drawn>];
  const first = [...new Set([...ofLive.keys(), ...ofRebuilt.keys()])]
    .toSorted((one, other) => one - other)
    .flatMap((at): RowDifference[] => {
      const [one, other] = [ofLive.get(at), ofRebuilt.get(at)];
      const where = { key: sampleId(1, Math.floor(at / 10)), validFrom: at % 10 };
      if (!other) return [{ ...where, difference: 'only-live', columns: [] }];
      if (!one) return [{ ...where, difference: 'only-rebuilt', columns: [] }];
      return one.sizeGiB === other.sizeGiB ? [] : [{ ...where, difference: 'changed', columns: ['size_gib'] }];
    });
  return { compared: ofRebuilt.size, different: first.length, first };
};

describe('the removal of a generation', () => {
  it('reads what it removes and nothing else', async () => {
    const rows = many(0, 12_000).map(({ row, ...when }) => ({ ...when, row: { ...row, tags: { team: 'mail' } } }));
    await write(live, rows);
    await write(rebuilt, rows);
    await admin.query('vacuum analyze view_disks, view_disks_tags');
    const before = await rowsRead();
    await removeGeneration(pool, sampleView, rebuilt);
    expect((await rowsRead()) - before).toBeLessThan(4 * 12_000 + 100);
    const { rows: left } = await admin.query(
      `select generation, count(*)::int as rows, (select count(*)::int from view_disks_tags where generation = 2) as tags
         from view_disks group by 1`,
    );
    expect(left).toEqual([{ generation: live, rows: 12_000, tags: 0 }]);
  });
});

/** How often a row or an entry of an index of the view and its tags was read so far. */
const rowsRead = async (): Promise<number> => {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ read: string }>(
    `select sum(seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid)) as read
       from pg_stat_user_tables t where relname in ('view_disks', 'view_disks_tags')`,
  );
  return Number(rows[0]?.read);
};
