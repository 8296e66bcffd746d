import type { ColumnType, ViewRow } from '../follower.js';
import { InvalidViewQuery, type ViewCursor, type ViewQuery, type ViewRange, type ViewValue } from '../view-store.js';
import { selected, type ViewColumn, type ViewTable } from './projection-table.js';
import { checkedText, checkedValue } from './view-store-values.js';

/** What is known only inside the transaction. */
export interface Standing {
  readonly generation: number;
  readonly position: number;
  /** All that the reader sees, when that is few; undefined when it is many. */
  readonly projects: readonly string[] | undefined;
}

/** Checked before a connection is taken, completed inside the transaction. */
export type ViewSql = (standing: Standing) => ViewStatement;

export interface ViewStatement {
  readonly text: string;
  readonly values: unknown[];
  /**
   * Whether one plan is good for all values. It is not where a filter's value decides between an index of its own and that
   * of the order: such a statement is planned each time, which costs more than to carry it out.
   */
  readonly keepsPlan: boolean;
}

/** What a view's table is, beyond what its projection says. */
export interface TableFacts {
  readonly nullable: ReadonlySet<string>;
}

const ownColumns: readonly ViewColumn[] = [
  { column: 'key', member: 'key', type: 'uuid' },
  { column: 'project_id', member: 'projectId', type: 'uuid' },
];

/** The only way from a caller's name to an identifier in SQL. */
export const columnNamed = ({ columns }: ViewTable, member: string): ViewColumn => {
  const column = [...ownColumns, ...columns].find((known) => known.member === member);
  if (!column) throw new InvalidViewQuery(member, 'is not a column of this view');
  return column;
};

/**
 * Text by code points, whatever the database's locale: the same order as the indexes. Named through the table (`v`), as
 * the select list gives times the names of their columns, and an order by those texts would use no index.
 */
const expression = ({ column, type }: ViewColumn): string =>
  type === 'text' ? `v.${column} collate "C"` : `v.${column}`;
const elementType = (type: ColumnType): string => (type === 'text[]' ? 'text' : type);

class Conditions {
  readonly #values: unknown[] = [];
  readonly #conditions: string[] = ['generation = $1::int'];
  #keepsPlan = true;

  /** A parameter's place. */
  place(value: unknown): string {
    this.#values.push(value);
    return `$${this.#values.length + 1}`;
  }

  add(condition: string): void {
    this.#conditions.push(condition);
  }

  /** A condition whose values are many rows or few. */
  addFilter(condition: string): void {
    this.#keepsPlan = false;
    this.add(condition);
  }

  /**
   * Row-level security alone decides what is seen. That few projects are is said here too, with their ids, so that the
   * planner starts from them; where many are, the order's index finds a page sooner.
   */
  select({ selectList, table }: Pick<ViewTable, 'selectList' | 'table'>, rest = ''): ViewSql {
    const [values, keepsPlan] = [this.#values, this.#keepsPlan];
    const conditions = this.#conditions.join(' and ');
    return ({ generation, projects }) => {
      const among = projects ? ` and v.project_id = any($${values.length + 2}::uuid[])` : '';
      return {
        text: `select ${selectList} from ${table} as v where ${conditions}${among}${rest}`,
        values: [generation, ...values, ...(projects ? [projects] : [])],
        keepsPlan,
      };
    };
  }
}

const addAmong = (into: Conditions, column: ViewColumn, wanted: readonly ViewValue[]): void => {
  const type = elementType(column.type);
  const values = wanted
    .filter((value) => value !== null)
    .map((value) => checkedValue(column.member, column.type, value));
  const among = (): string => {
    if (column.type === 'text[]') return `${column.column} && ${into.place(values)}::text[]`;
    if (values.length === 1) return `${expression(column)} = ${into.place(values[0])}::${type}`;
    return `${expression(column)} = any(${into.place(values)}::${type}[])`;
  };
  if (!wanted.includes(null)) return into.addFilter(among());
  into.addFilter(values.length === 0 ? `${column.column} is null` : `(${column.column} is null or ${among()})`);
};

const operators = { gte: '>=', gt: '>', lte: '<=', lt: '<' } as const;

const addRange = (into: Conditions, column: ViewColumn, range: ViewRange): void => {
  if (column.type === 'text[]' || column.type === 'boolean') throw new InvalidViewQuery(column.member, 'has no ranges');
  for (const [name, operator] of Object.entries(operators)) {
    const bound = range[name as keyof ViewRange];
    if (bound === undefined) continue;
    const value = checkedValue(column.member, column.type, bound);
    into.addFilter(`${expression(column)} ${operator} ${into.place(value)}::${column.type}`);
  }
};

const addTags = (into: Conditions, table: ViewTable, tags: Readonly<Record<string, readonly string[]>>): void => {
  const { column, type } = columnNamed(table, 'tags');
  if (type !== 'jsonb') throw new InvalidViewQuery('tags', 'is not a map in this view');
  for (const [key, values] of Object.entries(tags)) {
    const member = `tags.${key}`;
    const matches = values.map((value) => {
      const wanted = { [checkedText(member, key)]: checkedText(member, value) };
      return `${column} @> ${into.place(JSON.stringify(wanted))}::jsonb`;
    });
    into.addFilter(matches.length === 0 ? 'false' : `(${matches.join(' or ')})`);
  }
};

const addTime = (into: Conditions, asOf: number | undefined): void => {
  if (asOf === undefined) return into.add('valid_to is null');
  const position = into.place(asOf);
  into.add(`valid_from <= ${position}::bigint and (valid_to is null or valid_to > ${position}::bigint)`);
};

/** Null is greater than everything, as in the indexes: last when ascending, first when descending. */
const addAfter = (into: Conditions, sort: Sort, { value, key }: ViewCursor): void => {
  const { column, ascending, mayBeNull } = sort;
  const comparison = ascending ? '>' : '<';
  const keyPlace = `${into.place(checkedValue('key', 'uuid', key))}::uuid`;
  if (column.column === 'key') return into.add(`key ${comparison} ${keyPlace}`);
  if (value === null) {
    const amongNulls = `(${column.column} is null and key ${comparison} ${keyPlace})`;
    return into.add(ascending ? amongNulls : `(${amongNulls} or ${column.column} is not null)`);
  }
  const place = into.place(checkedValue(column.member, column.type, value));
  const beyond = `(${expression(column)}, key) ${comparison} (${place}::${column.type}, ${keyPlace})`;
  into.add(ascending && mayBeNull ? `(${beyond} or ${column.column} is null)` : beyond);
};

interface Sort {
  readonly column: ViewColumn;
  readonly ascending: boolean;
  readonly mayBeNull: boolean;
}

const sortOf = <Row extends ViewRow>(table: ViewTable, facts: TableFacts, { sort }: ViewQuery<Row>): Sort => {
  const column = columnNamed(table, sort.by);
  if (column.type === 'jsonb' || column.type === 'text[]') throw new InvalidViewQuery(sort.by, 'has no order');
  return { column, ascending: sort.direction === 'asc', mayBeNull: facts.nullable.has(column.column) };
};

const orderBy = ({ column, ascending }: Sort): string => {
  const direction = ascending ? 'asc' : 'desc';
  return column.column === 'key' ? `v.key ${direction}` : `${expression(column)} ${direction}, v.key ${direction}`;
};

const maximumLimit = 1_000;

/** Of each row its key, the column that it is sorted by, and a text of its own. */
export const textsSql = <Row extends ViewRow>(
  table: ViewTable,
  facts: TableFacts,
  query: ViewQuery<Row>,
  read: string,
): ViewSql => {
  const text = columnNamed(table, read);
  if (text.type !== 'text') throw new InvalidViewQuery(read, 'is not a text');
  const columns = new Set(['key', text.column, selected(columnNamed(table, query.sort.by))]);
  return listSql({ ...table, selectList: [...columns].join(', ') }, facts, query);
};

/** One row more than asked for is read, to know whether there is a next page. */
export const listSql = <Row extends ViewRow>(table: ViewTable, facts: TableFacts, query: ViewQuery<Row>): ViewSql => {
  const { where = {}, ranges = {}, tags = {}, after, asOf, limit } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > maximumLimit) {
    throw new InvalidViewQuery('limit', `must be between 1 and ${maximumLimit}`);
  }
  const sort = sortOf(table, facts, query);
  const into = new Conditions();
  addTime(into, asOf);
  for (const [member, values] of Object.entries(where)) addAmong(into, columnNamed(table, member), values);
  for (const [member, range] of Object.entries(ranges)) addRange(into, columnNamed(table, member), range);
  if (Object.keys(tags).length > 0) addTags(into, table, tags);
  if (after) addAfter(into, sort, after);
  return into.select(table, ` order by ${orderBy(sort)} limit ${limit + 1}`);
};

export const getSql = (table: ViewTable, key: string, asOf: number | undefined): ViewSql => {
  const into = new Conditions();
  into.add(`key = ${into.place(checkedValue('key', 'uuid', key))}::uuid`);
  addTime(into, asOf);
  return into.select(table);
};
