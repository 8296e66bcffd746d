import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { openPool } from '../contract/open-pool.js';
import { sampleId, sampleView, type SampleRow } from '../contract/sample-disks.js';
import type { Sight } from '../event-store.js';
import type { Projection } from '../follower.js';
import type { ViewQuery } from '../view-store.js';
import { sqlOn } from './follower-transaction.js';
import { writeRows } from './projection-rows.js';
import { viewTable } from './projection-table.js';
import { tableFacts, type TableFacts } from './view-store-facts.js';
import { mostLed, type Lead } from './view-store-leads.js';
import { listSql } from './view-store-query.js';

const rowCount = 12_000;
interface Row extends SampleRow {
  readonly bootable: boolean;
  readonly shareable: boolean;
  readonly serverIds: readonly string[];
}
const flags = { bootable: 'boolean', shareable: 'boolean', server_ids: 'text[]' } as const;
/** With columns of which each row has the few that are set in the table of tags. */
const view: Projection<Row> = {
  ...sampleView,
  columns: { ...sampleView.columns, ...flags },
  apply: () => null,
};
const table = viewTable(view);
const project = sampleId(2, 1);
const small = sampleId(2, 2);

let postgres: TestPostgres;
let admin: pg.Pool;
let worker: pg.Pool;
let api: pg.Pool;
let facts: TableFacts;

/** Half of them are called alike, all but ten are available; what is rare and what is common comes in every column. */
const rowOf = (n: number): Row => ({
  key: sampleId(1, n),
  projectId: n % 100 === 0 ? small : project,
  name: n % 2 === 0 ? 'data' : `disk-${(n * 7_919) % 12_007}`,
  description: null,
  sizeGiB: n % 3 === 0 ? 100 : 1 + (n % 997),
  type: n % 4 === 0 ? 'SSD' : 'SATA',
  availabilityZone: `eu-de-0${n % 3}`,
  status: n % 1_200 === 0 ? 'error' : 'available',
  statusReason: undefined,
  tags: { team: `team-${n % 5}`, ...(n % 400 === 0 && { rare: 'yes' }) },
  createdAt: new Date(Date.UTC(2026, 10, 1) + n * 1_000).toISOString(),
  updatedAt: new Date(Date.UTC(2026, 10, 2) + ((n * 31) % rowCount) * 1_000).toISOString(),
  bootable: n % 400 === 0,
  shareable: n % 3 === 0,
  serverIds: n % 2 === 0 ? [`server-${n % 500}`] : [],
  cloudId: `cloud-${n}`,
  version: 1,
  doc: {},
});

beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  [admin, worker, api] = [database.admin, database.worker, database.api].map((connectionString) =>
    openPool(connectionString, 1),
  ) as [pg.Pool, pg.Pool, pg.Pool];
  for (const id of [project, small]) {
    await admin.query(
      `insert into nodes (id, kind, name, path, charge_path) values ($1, 'project', 'node', array[$1::uuid], array[$1::uuid])`,
      [id],
    );
  }
  await admin.query(`insert into view_generation values ('disks', 1)`);
  const made = Array.from({ length: rowCount }, (_, n) => ({ row: rowOf(n), validFrom: n + 1, validTo: null }));
  await writeRows(sqlOn(worker), view, 1, { made, ended: [] });
  await admin.query('analyze');
  facts = await tableFacts(api, table.table);
});
afterAll(async () => {
  await Promise.all([admin.end(), worker.end(), api.end()]);
  await postgres.stop();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
const views = new Set([table.table, `${table.table}_tags`]);

/** How often a row of the view or of its tags is looked at. @throws when a table is read whole. */
const looksOf = (plan: Plan): number =>
  nodesOf(plan)
    .filter(({ 'Relation Name': relation }) => relation !== undefined && views.has(relation))
    .map((node) => {
      expect(node['Node Type']).toMatch(/^Index/);
      return (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    })
    .reduce((sum, looks) => sum + looks, 0);

type Asked = Partial<Omit<ViewQuery<Row>, 'view' | 'sight'>>;

/** The page as the store comes to it: by the first filter that few rows match, else in the order of the list. */
const looksFor = async (asked: Asked, sight: Sight = { all: true }): Promise<number> => {
  const query = {
    view,
    sight,
    sort: { by: 'createdAt', direction: 'desc' },
    limit: 100,
    ...asked,
  } as const;
  const sql = listSql(table, facts, query);
  const byProjects = sql.byProjects && !sight.all;
  const opened = ['disks', sight.all, sight.all ? '{}' : `{${sight.nodes.join(',')}}`, byProjects ? 65 : 0];
  const values = [...opened, ...sql.values];
  const exceeded = async (lead: Lead) => {
    const { rows } = await api.query<{ view_exceeded: boolean }>(sql.text({ byProjects, lead }), values);
    return rows[0]?.view_exceeded;
  };
  let lead: Lead | undefined;
  for (const each of sql.leads(byProjects)) if (!lead && !(await exceeded(each))) lead = each;
  const { rows } = await api.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
    `explain (analyze, format json) ${sql.text({ byProjects, lead })}`,
    values,
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  if (!plan) throw new Error('no plan');
  return looksOf(plan);
};

/** A page in the order of the list, where every eighth row matches; and what a filter may lead to, counted and read. */
const most = Math.max((101 * rowCount) / mostLed, 2 * mostLed) * 1.3;

describe('a page of a view', () => {
  const sorts = ['createdAt', 'updatedAt', 'name', 'sizeGiB', 'type', 'availabilityZone', 'status', 'key'];

  it.each(sorts)('looks at no more rows than it has, by %s', async (by) => {
    for (const direction of ['asc', 'desc'] as const) expect(await looksFor({ sort: { by, direction } })).toBe(101);
  });

  it('goes on from where the last one ended', async () => {
    const after = { value: '2026-11-01T01:00:00.000000Z', key: sampleId(1, 3_600) };
    expect(await looksFor({ after })).toBe(101);
  });

  it.each<[string, Asked]>([
    ['a name that half of them have', { where: { name: ['data'] } }],
    ['a name that one has', { where: { name: ['disk-7919'] } }],
    ['a key', { where: { key: [sampleId(1, 77)] } }],
    ['what few are', { where: { status: ['error'] } }],
    ['what none is', { where: { status: ['deleting'] } }],
    ['what most are', { where: { status: ['available'] } }],
    ['what some are, or few', { where: { type: ['SSD', 'none'] } }],
    ['the id in the cloud', { where: { cloudId: ['cloud-12'] } }],
    ['a tag that a fifth has', { tags: { team: ['team-3'] } }],
    ['a tag that few have', { tags: { rare: ['yes'] } }],
    ['a tag that none has', { tags: { none: ['here'] } }],
    ['a flag that few have', { where: { bootable: [true] } }],
    ['a flag that a third has', { where: { shareable: [true] } }],
    ['a flag that most have not', { where: { bootable: [false] } }],
    ['a member that few lists have', { where: { serverIds: ['server-2', 'server-4'] } }],
    ['a member that none has', { where: { serverIds: ['none'] } }],
    ['a size that a third has', { where: { sizeGiB: [100] } }],
    ['sizes that none has', { ranges: { sizeGiB: { gte: 5_000 } } }],
    ['a time before all of them', { ranges: { createdAt: { lte: '2000-01-01T00:00:00Z' } } }],
    ['a time since when there are most', { ranges: { createdAt: { gte: '2026-11-01T00:10:00Z' } } }],
    ['two of these', { where: { type: ['SSD'] }, tags: { team: ['team-3'] } }],
    ['one that few match, and another', { where: { type: ['SATA'], status: ['error'] } }],
  ])('is found by an index, by %s, whatever the order', async (_, asked) => {
    for (const by of ['createdAt', 'name', 'sizeGiB'])
      expect(await looksFor({ ...asked, sort: { by, direction: 'asc' } })).toBeLessThan(most);
  });

  it('of a project is in the order of its age already', async () => {
    expect(await looksFor({ where: { projectId: [project] } })).toBe(101);
    expect(await looksFor({ where: { projectId: [small] } }, { all: false, nodes: [small] })).toBe(101);
  });

  it('starts from the projects where a reader sees few', async () => {
    const sight: Sight = { all: false, nodes: [small] };
    for (const by of ['createdAt', 'name'])
      expect(await looksFor({ where: { type: ['SSD'] }, sort: { by, direction: 'asc' } }, sight)).toBeLessThan(250);
  });
});
