import type { ColumnType, ViewRow } from '../follower.js';
import { InvalidViewQuery, type ViewQuery, type ViewRange, type ViewValue } from '../view-store.js';
import type { ViewColumn, ViewTable } from './projection-table.js';
import { columnNamed, expression } from './view-store-columns.js';
import { leadByFlag, leadByMembers, leadByRange, leadByTag, leadByValues, type Lead } from './view-store-leads.js';
import type { TableFacts } from './view-store-facts.js';
import { checkedText, checkedValue } from './view-store-values.js';

/** The values of a statement, and where they stand in it. */
export interface Parameters {
  /** What stands for the value in the statement. */
  place(value: unknown, type: string): string;
}

/** A condition of a list. */
export interface Filter {
  /** Undefined where it is about no single column. */
  readonly column: ViewColumn | undefined;
  /** Whether the column must have one value: an index that begins with it then keeps the order of what follows. */
  readonly isOneValue: boolean;
  readonly plain: string;
  /**
   * The same, said so that no index serves it. The planner that keeps a plan does not know the values: it would take a column of
   * many values for one where each is rare.
   */
  readonly fenced: string;
  /** How rows are come by that match; undefined where no index has them. */
  readonly lead: Lead | undefined;
}

/** For a null that is never there, so any value does. */
const anyValue: Readonly<Record<Exclude<ColumnType, 'jsonb' | 'text[]'>, string>> = {
  text: `''`,
  int: '0',
  bigint: '0',
  boolean: 'false',
  timestamptz: `timestamptz 'epoch'`,
  uuid: `uuid '00000000-0000-0000-0000-000000000000'`,
};

const ordered = (column: ViewColumn): keyof typeof anyValue => {
  if (column.type === 'jsonb' || column.type === 'text[]') throw new InvalidViewQuery(column.member, 'has no order');
  return column.type;
};

/** `coalesce` is no function that might tell of a row what its reader may not see: the condition may come before the policy. */
export const fencedColumn = (column: ViewColumn): string => {
  const collation = column.type === 'text' ? ' collate "C"' : '';
  return `coalesce(v.${column.column}, ${anyValue[ordered(column)]})${collation}`;
};

const among = (
  into: Parameters,
  facts: TableFacts,
  table: ViewTable,
  column: ViewColumn,
  wanted: readonly ViewValue[],
): Filter => {
  const values = wanted
    .filter((value) => value !== null)
    .map((value) => checkedValue(column.member, column.type, value));
  const orNull = (condition: string) =>
    wanted.includes(null) ? `(v.${column.column} is null or ${condition})` : condition;
  const isOneValue = wanted.length === 1;
  if (column.type === 'text[]') {
    const plain = orNull(`v.${column.column} && ${into.place(values, 'text[]')}`);
    const lead = wanted.includes(null) ? undefined : leadByMembers(into, facts, table, column, values);
    return { column, isOneValue: false, plain, fenced: plain, lead };
  }
  if (isOneValue && wanted[0] === null) {
    const plain = `v.${column.column} is null`;
    return { column, isOneValue, plain, fenced: plain, lead: undefined };
  }
  const all = into.place(values, `${column.type}[]`);
  const plain = isOneValue ? `${expression(column)} = (${all})[1]` : `${expression(column)} = any(${all})`;
  const fenced = `${fencedColumn(column)} = any(${all})`;
  return {
    column,
    isOneValue,
    plain: orNull(plain),
    fenced: facts.nullable.has(column.column) ? orNull(`(v.${column.column} is not null and ${fenced})`) : fenced,
    lead: wanted.includes(null) ? undefined : leadBy(into, facts, table, column, values, all),
  };
};

const leadBy = (
  into: Parameters,
  facts: TableFacts,
  table: ViewTable,
  column: ViewColumn,
  values: readonly ViewValue[],
  all: string,
): Lead | undefined => {
  if (column.type !== 'boolean')
    return leadByValues(facts, table, column, all, `${column.member}=${JSON.stringify(values)}`);
  return values.every((value) => value === true) ? leadByFlag(into, facts, table, column) : undefined;
};

const operators = { gte: '>=', gt: '>', lte: '<=', lt: '<' } as const;

const within = (
  into: Parameters,
  facts: TableFacts,
  table: ViewTable,
  column: ViewColumn,
  range: ViewRange,
): Filter[] => {
  if (column.type === 'text[]' || column.type === 'boolean') throw new InvalidViewQuery(column.member, 'has no ranges');
  const bounds = Object.entries(operators).flatMap(([name, operator]) => {
    const bound = range[name as keyof ViewRange];
    if (bound === undefined) return [];
    return [`${operator} ${into.place(checkedValue(column.member, column.type, bound), column.type)}`];
  });
  if (bounds.length === 0) return [];
  const holds = (what: string) => bounds.map((bound) => `${what} ${bound}`).join(' and ');
  const plain = holds(expression(column));
  const fenced = holds(fencedColumn(column));
  const filter = {
    column,
    isOneValue: false,
    plain,
    fenced: facts.nullable.has(column.column) ? `(v.${column.column} is not null and ${fenced})` : fenced,
    lead: leadByRange(facts, table, column, plain, `${column.member}${JSON.stringify(range)}`),
  };
  return [filter];
};

const tagged = (
  into: Parameters,
  facts: TableFacts,
  table: ViewTable,
  key: string,
  values: readonly string[],
): Filter => {
  const { column, type } = columnNamed(table, 'tags');
  if (type !== 'jsonb') throw new InvalidViewQuery('tags', 'is not a map in this view');
  const member = `tags.${key}`;
  const [name, ...wanted] = [key, ...values].map((text) => checkedText(member, text));
  const matches = wanted.map((value) => {
    return `v.${column} @> ${into.place(JSON.stringify({ [String(name)]: value }), 'jsonb')}`;
  });
  const plain = matches.length === 0 ? 'false' : `(${matches.join(' or ')})`;
  return {
    column: undefined,
    isOneValue: false,
    plain,
    fenced: plain,
    lead: leadByTag(into, facts, table, key, wanted),
  };
};

/** Everything that a list asks of its rows, but the time, the reader's sight and the place where the page begins. */
export const filtersOf = <Row extends ViewRow>(
  into: Parameters,
  facts: TableFacts,
  table: ViewTable,
  { where = {}, ranges = {}, tags = {} }: ViewQuery<Row>,
): readonly Filter[] => [
  ...Object.entries(where).map(([member, values]) => among(into, facts, table, columnNamed(table, member), values)),
  ...Object.entries(tags).map(([key, values]) => tagged(into, facts, table, key, values)),
  ...Object.entries(ranges).flatMap(([member, range]) => within(into, facts, table, columnNamed(table, member), range)),
];
