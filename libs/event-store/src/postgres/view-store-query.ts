import type { ViewRow } from '../follower.js';
import { InvalidViewQuery, type ViewCursor, type ViewQuery } from '../view-store.js';
import { selectedAs, type ViewColumn, type ViewTable } from './projection-table.js';
import { columnNamed, expression } from './view-store-columns.js';
import { fencedColumn, filtersOf, type Filter, type Parameters } from './view-store-filters.js';
import { leadByValues, mostLed, type Lead } from './view-store-leads.js';
import type { TableFacts } from './view-store-facts.js';
import { checkedValue } from './view-store-values.js';

/** More projects than this are many. */
export const fewProjects = 64;

/** How the rows of a page are come by. Whichever it is, the page is the same. */
export interface Way {
  /** Whether the reader sees so few projects that the rows are asked for by them. */
  readonly byProjects: boolean;
  /** Undefined: in the order of the list, until the page is full. */
  readonly lead: Lead | undefined;
}

/** Checked before a connection is taken. */
export interface ViewSql {
  /** Whether rows can be asked for by the projects that the reader sees; not where the key or the project is given. */
  readonly byProjects: boolean;
  /** Filters that may lead to the rows, in the order in which they are tried. */
  readonly leads: (byProjects: boolean) => readonly Lead[];
  readonly text: (way: Way) => string;
  /** What follows those of `view_opened`. */
  readonly values: readonly unknown[];
  /** Whether one plan is good for all values. Else the statement is planned each time, which costs more than to carry it out. */
  readonly keepsPlan: boolean;
}

/** What each row of an answer begins with. */
interface Head {
  readonly from: string;
  readonly columns: string;
}

/** One row each, or one with a `key` of null where there is none. */
const allOf = ({ columns, from }: Head, rows: string): string =>
  `select ${columns}, v.* ${from} left join lateral (${rows}) as v on true`;

/** The parameters of `view_opened`: the view, the reader's sight, and how many projects to name. */
const openedValues = 4;

class StatementParameters implements Parameters {
  readonly values: unknown[] = [];
  readonly #columns: string[] = [];

  constructor(readonly keepsPlan: boolean) {}

  place(value: unknown, type: string): string {
    this.values.push(value);
    const parameter = `$${this.values.length + openedValues}::${type}`;
    if (!this.keepsPlan) return parameter;
    const name = `p${this.values.length}`;
    this.#columns.push(`${parameter} as ${name}`);
    return `a.${name}`;
  }

  /**
   * Values stand in a row `a` that the planner does not look into: it would plan for each value anew for as long as that looks
   * cheaper than a plan for all.
   */
  get row(): string {
    return this.#columns.length === 0 ? '' : ` cross join (select ${this.#columns.join(', ')} offset 0) as a`;
  }
}

const timeOf = (into: Parameters, asOf: number | undefined): string => {
  if (asOf === undefined) return 'v.valid_to is null';
  const position = into.place(asOf, 'bigint');
  return `v.valid_from <= ${position} and (v.valid_to is null or v.valid_to > ${position})`;
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

/** Null is greater than everything, as in the indexes: last when ascending, first when descending. */
const afterOf = (into: Parameters, { column, ascending, mayBeNull }: Sort, { value, key }: ViewCursor): string => {
  const comparison = ascending ? '>' : '<';
  const keyPlace = into.place(checkedValue('key', 'uuid', key), 'uuid');
  if (column.column === 'key') return `v.key ${comparison} ${keyPlace}`;
  if (value === null) {
    const amongNulls = `(v.${column.column} is null and v.key ${comparison} ${keyPlace})`;
    return ascending ? amongNulls : `(${amongNulls} or v.${column.column} is not null)`;
  }
  const place = into.place(checkedValue(column.member, column.type, value), column.type);
  const beyond = `(${expression(column)}, v.key) ${comparison} (${place}, ${keyPlace})`;
  return ascending && mayBeNull ? `(${beyond} or v.${column.column} is null)` : beyond;
};

/** Every view has an index of the rows of a project by their age. */
const servesOrder = ({ column, isOneValue }: Filter, sort: Sort): boolean =>
  column?.column === sort.column.column ||
  (column?.column === 'project_id' && isOneValue && sort.column.column === 'created_at');

const seenProjects = 's.projects';
const projectColumn: ViewColumn = { column: 'project_id', member: 'projectId', type: 'uuid' };

const maximumLimit = 1_000;
/** What a statement is planned for: one for each limit would be too many to keep. */
const plannedLimits = [10, 50, 100, 500, maximumLimit];

/** What a page is made of, its rows in their order. */
type Told = (rows: string, limit: string) => string;

/** The rows of a page and one more, which tells whether there is a next. */
const pageSql = <Row extends ViewRow>(
  selectList: string,
  told: Told,
  table: ViewTable,
  facts: TableFacts,
  query: ViewQuery<Row>,
): ViewSql => {
  const { after, asOf, limit } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > maximumLimit) {
    throw new InvalidViewQuery('limit', `must be between 1 and ${maximumLimit}`);
  }
  const sort = sortOf(table, facts, query);
  // What was is in no index of its own: which way is best is left to the planner, and to the values.
  const isNow = asOf === undefined;
  const into = new StatementParameters(isNow);
  const limitPlace = into.place(limit, 'int');
  const known = isNow ? facts : { ...facts, indexed: new Set<string>(), hasTags: false };
  const filters = filtersOf(into, known, table, query);
  const time = timeOf(into, asOf);
  const beyond = after ? [afterOf(into, sort, after)] : [];
  const planned = plannedLimits.find((one) => one >= limit) ?? maximumLimit;
  const rest = `order by ${orderBy(sort)} limit ${planned + 1}`;
  const seen = leadByValues(known, table, projectColumn, seenProjects, 'projects');

  const among = (condition: string): string => `${condition} and cardinality(s.projects) <= ${fewProjects}`;
  const rows = ({ byProjects, lead }: Way): string => {
    const others = filters
      .filter((filter) => !lead || filter.lead !== lead)
      .map((filter) => (isNow && (lead || !servesOrder(filter, sort)) ? filter.fenced : filter.plain));
    const byTheirs = `${isNow ? fencedColumn(projectColumn) : 'v.project_id'} = any(${seenProjects})`;
    const reach = byProjects ? [among(lead === seen && lead ? 'true' : byTheirs)] : [];
    if (lead) {
      const conditions = ['not e.exceeded', ...others, ...reach, ...beyond].join(' and ');
      return `select ${selectList} from ${lead.rows} where ${conditions} ${rest}`;
    }
    const conditions = ['v.generation = s.generation', time, ...others, ...reach, ...beyond].join(' and ');
    return `select ${selectList} from ${table.table} as v where ${conditions} ${rest}`;
  };
  const head = ({ lead }: Way): Head => {
    const exceeded = lead
      ? ` cross join lateral (select count(*) > ${mostLed} as exceeded from (
          select from ${lead.count} limit ${mostLed + 1}) as l) as e`
      : '';
    return {
      from: `from view_opened($1, $2, $3, $4) as s${into.row}${exceeded}`,
      columns: `s.position as view_position, cardinality(s.projects) as view_projects,
        ${lead ? 'e.exceeded' : 'false'} as view_exceeded`,
    };
  };
  return {
    byProjects: !filters.some(({ column }) => column?.column === 'project_id'),
    leads: (byProjects) => {
      const led = filters.filter((filter) => !servesOrder(filter, sort)).map(({ lead }) => lead);
      return [byProjects ? seen : undefined, ...led].filter((lead) => lead !== undefined);
    },
    text: (way) =>
      allOf(head(way), told(`select * from (${rows(way)}) as planned limit ${limitPlace} + 1`, limitPlace)),
    values: into.values,
    keepsPlan: isNow,
  };
};

export const listSql = <Row extends ViewRow>(table: ViewTable, facts: TableFacts, query: ViewQuery<Row>): ViewSql =>
  pageSql(table.selectList, (rows) => rows, table, facts, query);

/**
 * One row: the texts in one, how many there are, whether one is missing; and of the last of the page its key and the column
 * that it is sorted by, if there is one more. Row by row the server would send a page in pieces of 8 KiB, and the client make
 * six values of each row.
 */
const joined: Told = (rows, limit) => `select count(*)::int as count,
    bool_or(text is null) filter (where n <= ${limit}) as lacks,
    string_agg(text, ',') filter (where n <= ${limit}) as joined,
    (array_agg(key::text) filter (where n = ${limit}))[1] as last_key,
    (array_agg(sorted_by) filter (where n = ${limit}))[1] as last_sorted_by
  from (select row_number() over () as n, r.* from (${rows}) as r) as numbered`;

export const textsSql = <Row extends ViewRow>(
  table: ViewTable,
  facts: TableFacts,
  query: ViewQuery<Row>,
  read: string,
): ViewSql => {
  const text = columnNamed(table, read);
  if (text.type !== 'text') throw new InvalidViewQuery(read, 'is not a text');
  const sortedBy = selectedAs(columnNamed(table, query.sort.by), 'sorted_by');
  return pageSql(`v.key, v.${text.column} as text, ${sortedBy}`, joined, table, facts, query);
};

export const getSql = (table: ViewTable, key: string, asOf: number | undefined): ViewSql => {
  const into = new StatementParameters(true);
  const isIt = `v.key = ${into.place(checkedValue('key', 'uuid', key), 'uuid')}`;
  const time = timeOf(into, asOf);
  const columns = 's.position as view_position, null::int as view_projects, false as view_exceeded';
  const rows = `select ${table.selectList} from ${table.table} as v where v.generation = s.generation and ${isIt} and ${time}`;
  const text = allOf({ columns, from: `from view_opened($1, $2, $3, $4) as s${into.row}` }, rows);
  return { byProjects: false, leads: () => [], text: () => text, values: into.values, keepsPlan: true };
};
