import type { ViewValue } from '../view-store.js';
import type { ViewColumn, ViewTable } from './projection-table.js';
import { expression } from './view-store-columns.js';
import type { TableFacts } from './view-store-facts.js';

/**
 * A way to the rows that match one filter, by the index of its column, good where these are few. Named in SQL after `s`, with
 * the rows as `v`. That it asks for the order of the index leaves the planner no other.
 */
export interface Lead {
  /** The filter and its values: what is remembered of it. */
  readonly id: string;
  readonly rows: string;
  /** As many rows as `rows` has, at less cost. */
  readonly count: string;
}

/** Of more rows than this that match, a page is found sooner in the order of the list. */
export const mostLed = 1_500;

const open = 'generation = s.generation and valid_to is null';

/** Value by value, as an index serves a range of one value in the order of the column, of several not before PostgreSQL 17. */
const eachOf = (values: string, rows: string, as: string) =>
  `(select distinct x from unnest(${values}) as u(x)) as w cross join lateral (${rows}) as ${as}`;

export const leadByValues = (
  facts: TableFacts,
  { table }: ViewTable,
  column: ViewColumn,
  values: string,
  id: string,
): Lead | undefined => {
  if (!facts.indexed.has(column.column)) return undefined;
  const by = expression(column);
  const rows = eachOf(
    values,
    `select v.* from ${table} as v where v.${open} and ${by} between w.x and w.x order by ${by} limit ${mostLed + 1}`,
    'v',
  );
  return { id, rows, count: rows };
};

export const leadByRange = (
  facts: TableFacts,
  { table }: ViewTable,
  column: ViewColumn,
  condition: string,
  id: string,
): Lead | undefined => {
  if (!facts.indexed.has(column.column)) return undefined;
  const rows = `(select v.* from ${table} as v where v.${open} and ${condition}
    order by ${expression(column)} limit ${mostLed + 1}) as v`;
  return { id, rows, count: rows };
};

/** As the tables of tags have them: what is before the colon tells where the key ends. */
const tagText = (key: string, value: string): string => `${[...key].length}:${key}=${value}`;

interface Placing {
  place(value: unknown, type: string): string;
}

export const leadByTag = (
  into: Placing,
  facts: TableFacts,
  table: ViewTable,
  key: string,
  values: readonly string[],
): Lead | undefined => {
  const texts = values.map((value) => tagText(key, value));
  return leadByLabels(into, facts, table, texts, `tags.${key}=${JSON.stringify(values)}`);
};

/** The table of tags has besides what else a list asks few rows for: `flag` where that is set, `list=<member>` of each member. */
export const leadByFlag = (
  into: Placing,
  facts: TableFacts,
  table: ViewTable,
  { column }: ViewColumn,
): Lead | undefined => leadByLabels(into, facts, table, [column], `${column}=true`);

/** @see leadByFlag */
export const leadByMembers = (
  into: Placing,
  facts: TableFacts,
  table: ViewTable,
  { column }: ViewColumn,
  members: readonly ViewValue[],
): Lead | undefined =>
  leadByLabels(
    into,
    facts,
    table,
    members.map((member) => `${column}=${String(member)}`),
    `${column}=${JSON.stringify(members)}`,
  );

const leadByLabels = (
  into: Placing,
  facts: TableFacts,
  { table }: ViewTable,
  labels: readonly string[],
  id: string,
): Lead | undefined => {
  if (!facts.hasTags) return undefined;
  const wanted = into.place(labels, 'text[]');
  const tags = eachOf(
    wanted,
    `select t.key from ${table}_tags as t
      where t.${open} and t.tag collate "C" between w.x and w.x
      order by t.tag collate "C" limit ${mostLed + 1}`,
    't',
  );
  const rows = `(select v.* from ${tags} cross join lateral (
    select v.* from ${table} as v where v.${open} and v.key = t.key offset 0) as v) as v`;
  return { id, rows, count: tags };
};
