import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { openPool } from '../contract/open-pool.js';
import { sampleId, sampleView, type SampleRow } from '../contract/sample-disks.js';
import type { Sight } from '../event-store.js';
import { InvalidViewQuery, type ViewQuery, type ViewRange, type ViewValue } from '../view-store.js';
import type { RowVersion } from './projection-fold.js';
import { writeRows } from './projection-rows.js';
import { sqlOn } from './follower-transaction.js';
import { PostgresViewStore } from './view-store.js';

let postgres: TestPostgres;
let admin: pg.Pool;
let worker: pg.Pool;
let api: pg.Pool;
let apiUrl: string;
let views: PostgresViewStore;

/** root ── left ── leaf, and root ── right. */
const [root, left, right, leaf] = [1, 2, 3, 4].map((n) => sampleId(2, n)) as [string, string, string, string];
const paths: Readonly<Record<string, readonly string[]>> = {
  [root]: [root],
  [left]: [left, root],
  [right]: [right, root],
  [leaf]: [leaf, left, root],
};
const everything: Sight = { all: true };
const head = 40;

const texts = ['', 'a', 'A', 'ä', 'z', 'Z', '𝄞', '\uffff', "o'c", 'a"b', 'null', '%', 'ab'];
const time = fc.integer({ min: 0, max: 12 }).map((n) => `2026-11-22T12:00:00.0000${String(n).padStart(2, '0')}Z`);
const versions: fc.Arbitrary<readonly RowVersion<SampleRow>[]> = fc
  .array(
    fc.record({
      row: fc.record({
        key: fc.nat({ max: 400 }).map((n) => sampleId(1, n)),
        projectId: fc.constantFrom(root, left, right, leaf),
        name: fc.constantFrom(...texts),
        description: fc.option(fc.constantFrom(...texts)),
        sizeGiB: fc.nat({ max: 9 }),
        type: fc.constantFrom('SSD', 'SATA'),
        availabilityZone: fc.constant('eu-de-01'),
        status: fc.constantFrom('available', 'error'),
        statusReason: fc.constant(undefined),
        tags: fc.dictionary(fc.constantFrom('env', 'a.b', "o'c"), fc.constantFrom('prod', '', '"')),
        createdAt: time,
        updatedAt: time,
        cloudId: fc.option(fc.constantFrom(...texts)),
        version: fc.nat({ max: 3 }),
        doc: fc.constant({ any: ['thing', { nested: null }] }),
      }),
      validFrom: fc.integer({ min: 1, max: head }),
      validTo: fc.option(fc.integer({ min: 1, max: head }), { freq: 2 }),
    }),
    { minLength: 250, maxLength: 250 },
  )
  .map((all) => [
    ...new Map(
      all.filter(({ validFrom, validTo }) => validTo === null || validTo > validFrom).map((one) => [one.row.key, one]),
    ).values(),
  ]);
const stored = fc.sample(fc.noBias(versions), { numRuns: 1, seed: 5 })[0] ?? [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  admin = openPool(database.admin, 2);
  worker = openPool(database.worker, 2);
  api = openPool(database.api, 4);
  apiUrl = database.api;
  views = new PostgresViewStore(api);
  for (const [id, path] of Object.entries(paths)) {
    await admin.query(
      `insert into nodes (id, kind, name, parent_id, path, charge_path) values ($1, 'project', 'node', $3, $2, $2)`,
      [id, path, path[1]],
    );
  }
  await admin.query(`insert into view_generation values ('disks', 3)`);
  await admin.query(
    `insert into checkpoints (follower, after, position) values ('disks@3', 0, $1), ('disks@2', 0, 7)`,
    [head],
  );
  await writeRows(sqlOn(worker), sampleView, 3, { made: stored, ended: [] });
  await writeRows(sqlOn(worker), sampleView, 2, { made: stored.slice(0, 50), ended: [] });
});
afterAll(async () => {
  await Promise.all([admin.end(), worker.end(), api.end()]);
  await postgres.stop();
});

type Members = Readonly<Record<string, unknown>>;
const nullable = (value: unknown): unknown => value ?? null;
/** Null is greater than everything; text goes by code points. */
const compare = (a: unknown, b: unknown): number => {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
};
const inRange = (value: unknown, { gte, gt, lte, lt }: ViewRange): boolean =>
  value !== null &&
  (gte === undefined || compare(value, gte) >= 0) &&
  (gt === undefined || compare(value, gt) > 0) &&
  (lte === undefined || compare(value, lte) <= 0) &&
  (lt === undefined || compare(value, lt) < 0);
const isSeen = (sight: Sight, projectId: string): boolean =>
  sight.all || (paths[projectId] ?? []).some((node) => sight.nodes.includes(node));

type Asked = Omit<ViewQuery<SampleRow>, 'view' | 'limit'>;

/** The whole list as it must come, page after page. */
const model = ({ sight, where = {}, ranges = {}, tags = {}, sort, asOf }: Asked): readonly SampleRow[] => {
  const holds = ({ validFrom, validTo }: RowVersion) =>
    asOf === undefined ? validTo === null : validFrom <= asOf && (validTo === null || validTo > asOf);
  const rows = stored.filter(holds).map(({ row }) => row as SampleRow & Members);
  const direction = sort.direction === 'asc' ? 1 : -1;
  return rows
    .filter(({ projectId }) => isSeen(sight, projectId))
    .filter((row) =>
      Object.entries(where).every(([member, values]) => values.includes(nullable(row[member]) as ViewValue)),
    )
    .filter((row) => Object.entries(ranges).every(([member, range]) => inRange(nullable(row[member]), range)))
    .filter((row) => Object.entries(tags).every(([key, values]) => values.some((value) => row.tags[key] === value)))
    .sort((a, b) => direction * (compare(nullable(a[sort.by]), nullable(b[sort.by])) || compare(a.key, b.key)))
    .map((row) => ({ ...row, statusReason: null }) as unknown as SampleRow);
};

const pages = async (asked: Asked, limit: number): Promise<readonly (readonly SampleRow[])[]> => {
  const all: (readonly SampleRow[])[] = [];
  let after: ViewQuery<SampleRow>['after'];
  for (let page = 0; page <= stored.length; page += 1) {
    const { rows, next, position } = await views.list({ view: sampleView, ...asked, limit, after });
    expect(position).toBe(head);
    all.push(rows);
    if (!next) return all;
    // A cursor travels as JSON.
    after = JSON.parse(JSON.stringify(next)) as typeof next;
  }
  throw new Error('the pages do not end');
};

const some = <Value extends ViewValue>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 });
const sometimes = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
const range = (bound: fc.Arbitrary<string | number>) =>
  fc.record({ gte: sometimes(bound), gt: sometimes(bound), lte: sometimes(bound), lt: sometimes(bound) });
const present = (members: object): Record<string, never> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Record<string, never>;

const asked: fc.Arbitrary<Asked> = fc.record({
  sight: fc.oneof(
    fc.constant(everything),
    fc.subarray([root, left, right, leaf]).map((nodes): Sight => ({ all: false, nodes })),
  ),
  where: fc
    .record({
      name: sometimes(some(fc.constantFrom(...texts))),
      description: sometimes(some(fc.option(fc.constantFrom(...texts)))),
      type: sometimes(some(fc.constantFrom('SSD', 'SATA', 'none'))),
      sizeGiB: sometimes(some(fc.nat({ max: 10 }))),
      projectId: sometimes(some(fc.constantFrom(root, left, leaf))),
    })
    .map(present),
  ranges: fc
    .record({
      sizeGiB: sometimes(range(fc.nat({ max: 9 }))),
      createdAt: sometimes(range(time)),
      name: sometimes(range(fc.constantFrom(...texts))),
    })
    .map(present),
  tags: fc
    .record({ env: sometimes(some(fc.constantFrom('prod', '', '"'))), "o'c": sometimes(some(fc.constant('prod'))) })
    .map(present),
  sort: fc.record({
    by: fc.constantFrom('name', 'description', 'sizeGiB', 'createdAt', 'cloudId', 'key', 'projectId', 'version'),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  }),
  asOf: sometimes(fc.integer({ min: 0, max: head })),
});

describe('a list of a view', () => {
  it('holds the rows that match, in order, whatever is asked, page after page', async () => {
    const joinedPages = new Set<number | 'lacks'>();
    await fc.assert(
      fc.asyncProperty(asked, fc.integer({ min: 1, max: 60 }), async (query, limit) => {
        const found = await pages(query, limit);
        expect(found.flat()).toEqual(model(query));
        expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
        const texts = await views.texts({ view: sampleView, ...query, limit }, 'description');
        const descriptions = (found[0] ?? []).map(({ description }) => description);
        const lacks = descriptions.some((text) => text === undefined || text === null);
        joinedPages.add(lacks ? 'lacks' : descriptions.length);
        const { next, position } = await views.list({ view: sampleView, ...query, limit });
        const page = { joined: descriptions.join(','), count: descriptions.length, position, next };
        expect(texts).toEqual(lacks ? undefined : page);
      }),
      { numRuns: 300 },
    );
    expect([...joinedPages]).toEqual(expect.arrayContaining([0, 2, 'lacks']));
  });

  it('is one text whatever the first row of the next page has', async () => {
    const sort = { by: 'key', direction: 'asc' } as const;
    const descriptions = model({ sight: everything, sort }).map(({ description }) => description);
    const beginsWithoutOne = descriptions.findIndex(
      (text, n) => n > 0 && text === null && descriptions[n - 1] !== null,
    );
    const ofBefore = async (limit: number) => {
      const [before] = (await pages({ sight: everything, sort }, beginsWithoutOne - 1)).slice(0, 1);
      const after = before && { key: String(before.at(-1)?.key), value: String(before.at(-1)?.key) };
      return views.texts({ view: sampleView, sight: everything, sort, after, limit }, 'description');
    };
    expect(beginsWithoutOne).toBeGreaterThan(1);
    expect(await ofBefore(1)).toMatchObject({ joined: descriptions[beginsWithoutOne - 1], count: 1 });
    expect(await ofBefore(2)).toBeUndefined();
  });

  it('is not empty in the model that it is compared with', () => {
    const sort = { by: 'name', direction: 'asc' } as const;
    expect(model({ sight: everything, sort }).length).toBeGreaterThan(80);
    expect(model({ sight: { all: false, nodes: [left] }, sort }).length).toBeGreaterThan(30);
    expect(model({ sight: everything, sort, asOf: 20 }).length).toBeGreaterThan(30);
  });

  const ask = (query: Partial<ViewQuery<SampleRow>>) =>
    views.list({ view: sampleView, sight: everything, sort: { by: 'name', direction: 'asc' }, limit: 10, ...query });

  it.each<[string, Partial<ViewQuery<SampleRow>>]>([
    ['a filter by what is no column', { where: { 'name; drop table events': ['x'] } }],
    ['a filter by a member of every object', { where: { constructor: ['x'] } }],
    ['a filter by another column of the table', { where: { valid_to: [1] } }],
    ['a filter by JSON', { where: { doc: ['x'] } }],
    ['an order by what is no column', { sort: { by: 'generation', direction: 'asc' } }],
    ['an order by JSON', { sort: { by: 'doc', direction: 'asc' } }],
    ['a number that is none', { where: { sizeGiB: ['many'] } }],
    ['a number beyond the column', { ranges: { sizeGiB: { gt: 2 ** 31 } } }],
    ['an id that is none', { where: { projectId: ["x' or true"] } }],
    ['a time that is none', { ranges: { createdAt: { gte: '2026-13-01T00:00:00Z' } } }],
    ['text that cannot be stored', { where: { name: ['a\u0000b'] } }],
    ['a tag that cannot be stored', { tags: { env: ['\ud800'] } }],
    ['a page of none', { limit: 0 }],
    ['a page that is too large', { limit: 1_001 }],
    ['a cursor of another order', { after: { value: 7, key: sampleId(1, 1) } }],
    ['a cursor without a key', { after: { value: 'a', key: 'b' } }],
  ])('refuses %s', async (_, query) => {
    await expect(ask(query)).rejects.toThrow(InvalidViewQuery);
  });

  it('takes whatever text is asked for as text', async () => {
    for (const text of ["'; drop table events; --", '$1', '\\', '{"a":"b"}', '{}', 'null']) {
      const { rows } = await ask({ where: { name: [text, "o'c"] }, tags: { [text]: [text] } });
      expect(rows).toEqual([]);
    }
  });
});

describe('a row of a view', () => {
  it('is found by its key, as of any position, by whom may see it', async () => {
    const { row, validFrom, validTo } = stored.find((version) => version.validTo !== null) as RowVersion<SampleRow>;
    const get = (asOf: number | undefined, nodes: readonly string[]) =>
      views.get({ view: sampleView, sight: { all: false, nodes }, key: row.key, asOf });
    const expected = { row: { ...row, statusReason: null }, position: head };
    expect(await get(validFrom, [root])).toEqual(expected);
    expect(await get(validFrom - 1, [root])).toBeUndefined();
    expect(await get(validTo ?? 0, [root])).toBeUndefined();
    expect(await get(undefined, [root])).toBeUndefined();
    expect(await get(validFrom, [sampleId(2, 99)])).toBeUndefined();
    expect(await get(validFrom, ["'} or true"])).toBeUndefined();
  });
});

describe('the rows of a view', () => {
  const counted = async (settings: string) => {
    const client = await api.connect();
    try {
      await client.query(`begin; ${settings}`);
      const { rows } = await client.query<{ rows: string }>('select count(*) as rows from view_disks');
      return Number(rows[0]?.rows);
    } finally {
      await client.query('rollback');
      client.release();
    }
  };

  it('are not seen without grants, even where nothing is filtered', async () => {
    expect(await counted('select 1')).toBe(0);
    expect(await counted(`select set_config('strata.grants', '{}', true)`)).toBe(0);
    expect(await counted(`select set_config('strata.sight', 'all', true)`)).toBe(stored.length + 50);
  });

  it('are seen by no later reader of the same connection', async () => {
    const single = openPool(apiUrl, 1);
    const one = new PostgresViewStore(single);
    const query = { view: sampleView, sort: { by: 'name', direction: 'asc' }, limit: 100 } as const;
    expect((await one.list({ ...query, sight: everything })).rows.length).toBeGreaterThan(0);
    expect((await single.query('select from view_disks')).rowCount).toBe(0);
    expect((await one.list({ ...query, sight: { all: false, nodes: [] } })).rows).toEqual([]);
    await single.end();
  });
});

describe('waiting for a view', () => {
  it('ends when it gets there, when the time is over, and on abort', async () => {
    expect(await views.position('disks')).toBe(head);
    expect(await views.position('nothing')).toBe(0);
    expect(await views.waitFor('disks', head, 5_000)).toBe(true);
    expect(await views.waitFor('disks', head + 1, 30)).toBe(false);
    const abort = new AbortController();
    const waiting = [head + 1, head + 5].map((position) => views.waitFor('disks', position, 20_000, abort.signal));
    await admin.query(`insert into checkpoints (follower, after, position) values ('disks@3', $1, $1::bigint + 1)`, [
      head,
    ]);
    expect(await waiting[0]).toBe(true);
    abort.abort();
    expect(await waiting[1]).toBe(false);
    expect(await views.waitFor('disks', head + 5, 20_000, abort.signal)).toBe(false);
    await admin.query(`delete from checkpoints where follower = 'disks@3' and after = $1`, [head]);
  });
});
