import type { ColumnType, ViewRow } from '../follower.js';
import { InvalidViewQuery, type ViewCursor, type ViewQuery, type ViewRange, type ViewValue } from '../view-store.js';
import { selectedAs, type ViewColumn, type ViewTable } from './projection-table.js';
import { checkedText, checkedValue } from './view-store-values.js';

/**
 * How the rows are come by that a reader may see. Row-level security alone decides what is seen. That few projects are is said
 * here too, so that the planner starts from them; where many are, the order's index finds a page sooner.
 */
export type Reach = 'few-projects' | 'many-projects';

/** Checked before a connection is taken. */
export interface ViewSql {
  readonly text: (reach: Reach) => string;
  /** What follows those of `view_opened`. */
  readonly values: readonly unknown[];
  /**
   * Whether one plan is good for all values. It is not where a filter's value decides between an index of its own and that
   * of the order: such a statement is planned each time, which costs more than to carry it out.
   */
  readonly keepsPlan: boolean;
}

/** More projects than this are many. */
export const fewProjects = 64;

/** Of `view_opened`, which every statement begins with: the view, the reader's sight, and how many projects to name. */
const openedValues = 4;

/** What each row of an answer begins with. */
const opened = 's.position as view_position, cardinality(s.projects) as view_projects';
const from = 'from view_opened($1, $2, $3, $4) as s';

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
  readonly #conditions: string[] = ['v.generation = s.generation'];
  #keepsPlan = true;

  /** A parameter's place. */
  place(value: unknown): string {
    this.#values.push(value);
    return `$${this.#values.length + openedValues}`;
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
   * `around` is given the rows as a query of its own. That they come after `s`, which it names, is what makes their row-level
   * security go by the sight that `view_opened` has set; without it they would be none.
   */
  select(selectList: string, { table }: ViewTable, rest: string, around: (rows: string) => string): ViewSql {
    const conditions = this.#conditions.join(' and ');
    const reached: Readonly<Record<Reach, string>> = {
      'many-projects': '',
      'few-projects': ` and v.project_id = any(s.projects) and cardinality(s.projects) <= ${fewProjects}`,
    };
    return {
      text: (reach) => around(`select ${selectList} from ${table} as v where ${conditions}${reached[reach]}${rest}`),
      values: this.#values,
      keepsPlan: this.#keepsPlan,
    };
  }
}

const addAmong = (into: Conditions, column: ViewColumn, wanted: readonly ViewValue[]): void => {
  const type = elementType(column.type);
  const values = wanted
    .filter((value) => value !== null)
    .map((value) => checkedValue(column.member, column.type, value));
  const among = (): string => {
    if (column.type === 'text[]') return `v.${column.column} && ${into.place(values)}::text[]`;
    if (values.length === 1) return `${expression(column)} = ${into.place(values[0])}::${type}`;
    return `${expression(column)} = any(${into.place(values)}::${type}[])`;
  };
  if (!wanted.includes(null)) return into.addFilter(among());
  into.addFilter(values.length === 0 ? `v.${column.column} is null` : `(v.${column.column} is null or ${among()})`);
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
      return `v.${column} @> ${into.place(JSON.stringify(wanted))}::jsonb`;
    });
    into.addFilter(matches.length === 0 ? 'false' : `(${matches.join(' or ')})`);
  }
};

const addTime = (into: Conditions, asOf: number | undefined): void => {
  if (asOf === undefined) return into.add('v.valid_to is null');
  const position = into.place(asOf);
  into.add(`v.valid_from <= ${position}::bigint and (v.valid_to is null or v.valid_to > ${position}::bigint)`);
};

/** Null is greater than everything, as in the indexes: last when ascending, first when descending. */
const addAfter = (into: Conditions, sort: Sort, { value, key }: ViewCursor): void => {
  const { column, ascending, mayBeNull } = sort;
  const comparison = ascending ? '>' : '<';
  const keyPlace = `${into.place(checkedValue('key', 'uuid', key))}::uuid`;
  if (column.column === 'key') return into.add(`v.key ${comparison} ${keyPlace}`);
  if (value === null) {
    const amongNulls = `(v.${column.column} is null and v.key ${comparison} ${keyPlace})`;
    return into.add(ascending ? amongNulls : `(${amongNulls} or v.${column.column} is not null)`);
  }
  const place = into.place(checkedValue(column.member, column.type, value));
  const beyond = `(${expression(column)}, v.key) ${comparison} (${place}::${column.type}, ${keyPlace})`;
  into.add(ascending && mayBeNull ? `(${beyond} or v.${column.column} is null)` : beyond);
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
/** What a statement is planned for: one for each limit would be too many to keep. */
const plannedLimits = [10, 50, 100, 500, maximumLimit];

/** The rows of a page and one more, which tells whether there is a next. */
const pageSql = <Row extends ViewRow>(
  selectList: string,
  table: ViewTable,
  facts: TableFacts,
  query: ViewQuery<Row>,
  around: (rows: string, limit: string) => string,
): ViewSql => {
  const { where = {}, ranges = {}, tags = {}, after, asOf, limit } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > maximumLimit) {
    throw new InvalidViewQuery('limit', `must be between 1 and ${maximumLimit}`);
  }
  const sort = sortOf(table, facts, query);
  const into = new Conditions();
  const limitPlace = `${into.place(limit)}::int`;
  addTime(into, asOf);
  for (const [member, values] of Object.entries(where)) addAmong(into, columnNamed(table, member), values);
  for (const [member, range] of Object.entries(ranges)) addRange(into, columnNamed(table, member), range);
  if (Object.keys(tags).length > 0) addTags(into, table, tags);
  if (after) addAfter(into, sort, after);
  const planned = plannedLimits.find((one) => one >= limit) ?? maximumLimit;
  const rest = ` order by ${orderBy(sort)} limit ${planned + 1}`;
  return into.select(selectList, table, rest, (rows) =>
    around(`select * from (${rows}) as planned limit ${limitPlace} + 1`, limitPlace),
  );
};

/** One row each, or one with a `key` of null where there is none. */
const allOf = (rows: string): string => `select ${opened}, v.* ${from} left join lateral (${rows}) as v on true`;

export const listSql = <Row extends ViewRow>(table: ViewTable, facts: TableFacts, query: ViewQuery<Row>): ViewSql =>
  pageSql(table.selectList, table, facts, query, allOf);

/**
 * One row for the whole page: its texts with commas between, how many rows have one, how many were found (one more than the
 * limit where there is a next page), and of the last its key and the column that it is sorted by.
 */
export const joinedSql = <Row extends ViewRow>(
  table: ViewTable,
  facts: TableFacts,
  query: ViewQuery<Row>,
  read: string,
): ViewSql => {
  const text = columnNamed(table, read);
  if (text.type !== 'text') throw new InvalidViewQuery(read, 'is not a text');
  const selectList = `v.key, v.${text.column} as text, ${selectedAs(columnNamed(table, query.sort.by), 'sorted_by')}`;
  return pageSql(
    selectList,
    table,
    facts,
    query,
    (rows, limit) => `select ${opened}, p.* ${from} cross join lateral (
      select count(*)::int as found,
        count(r.text) filter (where r.place <= ${limit})::int as written,
        string_agg(r.text, ',') filter (where r.place <= ${limit}) as joined,
        (array_agg(r.key) filter (where r.place = ${limit}))[1] as last_key,
        (array_agg(r.sorted_by) filter (where r.place = ${limit}))[1] as last_sorted_by
      from (select o.*, row_number() over () as place from (${rows}) as o) as r
    ) as p`,
  );
};

export const getSql = (table: ViewTable, key: string, asOf: number | undefined): ViewSql => {
  const into = new Conditions();
  into.add(`v.key = ${into.place(checkedValue('key', 'uuid', key))}::uuid`);
  addTime(into, asOf);
  return into.select(table.selectList, table, '', allOf);
};
