import type { ColumnType, Projection, ViewRow } from '../follower.js';

/** A column of a view: its name in the table and the member of the row that it holds. */
export interface ViewColumn {
  readonly column: string;
  readonly member: string;
  readonly type: ColumnType;
}

/** A view's table, as its projection declares it. The only source of identifiers in SQL about views. */
export interface ViewTable {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly ViewColumn[];
  /** `key`, `project_id` and the declared columns as a select list, for `rowOf`. */
  readonly selectList: string;
}

const identifier = /^[a-z][a-z0-9_]{0,58}$/;

/** `size_gib` → `sizeGiB`, `created_at` → `createdAt`. */
const memberOf = (column: string): string =>
  column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()).replace(/Gib$/, 'GiB');
/** The way back; a name that is in the table's manner already stays as it is. */
const columnOf = (member: string): string =>
  member.replace(/GiB$/, 'Gib').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Of a time its text, whatever the session's time zone; half the cost of `to_char`. For `valueFrom`. */
export const selectedAs = ({ column, type }: ViewColumn, alias: string): string =>
  type === 'timestamptz' ? `(${column} at time zone 'UTC')::text as ${alias}` : `${column} as ${alias}`;

const columnsOf = (view: Projection): readonly ViewColumn[] =>
  Object.entries(view.columns).map(([name, type]) => {
    const column = columnOf(name);
    if (!identifier.test(column)) throw new Error(`view ${view.name}: ${name} cannot name a column`);
    return { column, member: memberOf(column), type };
  });

const tables = new WeakMap<object, ViewTable>();

export const viewTable = <Row extends ViewRow>(view: Projection<Row>): ViewTable => {
  const known = tables.get(view);
  if (known) return known;
  const table = `view_${view.name.replaceAll('-', '_')}`;
  if (!identifier.test(table)) throw new Error(`${view.name} cannot name a view`);
  const columns = columnsOf(view);
  const selectList = ['key', 'project_id', ...columns.map((column) => selectedAs(column, column.column))].join(', ');
  const made = { name: view.name, table, columns, selectList };
  tables.set(view, made);
  return made;
};

/** `2026-11-22 12:00:00.5` → `2026-11-22T12:00:00.500000Z`. */
const timeFrom = (text: string): string =>
  `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20).padEnd(6, '0')}Z`;

/** PostgreSQL hands out `bigint` as text; ours are positions and sizes, all safe integers. */
export const valueFrom = (type: ColumnType, value: unknown): unknown => {
  if (value === null) return null;
  if (type === 'bigint') return Number(value);
  return type === 'timestamptz' ? timeFrom(String(value)) : value;
};

/** What `selectList` brought, as the row that the projection made. */
export const rowOf = <Row extends ViewRow>(table: ViewTable, record: Readonly<Record<string, unknown>>): Row => {
  const row: ViewRow & Record<string, unknown> = {
    key: String(record['key']),
    projectId: String(record['project_id']),
  };
  for (const { column, member, type } of table.columns) row[member] = valueFrom(type, record[column]);
  // The projection declares its columns and its Row together; that they agree is what its replay spec shows.
  return row as ViewRow as Row;
};

/** RFC 3339 UTC with six digits, as the table gives it back: 12:00:00Z and 12:00:00.000Z become one text. */
const canonicalTime = (text: string): string => {
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?Z$/.exec(text);
  if (!parts) throw new Error(`not a UTC time of at most six digits: ${text}`);
  return `${parts[1]}.${(parts[2] ?? '').padEnd(6, '0')}Z`;
};

const canonicalValue = (type: ColumnType, value: unknown): unknown => {
  if (value === undefined || value === null) return null;
  return type === 'timestamptz' ? canonicalTime(value as string) : value;
};

/**
 * The row as it will come back from its table. The fold goes on with this one, so that it makes no difference whether the
 * next event comes in the same batch or after a round trip.
 */
export const canonicalRow = <Row extends ViewRow>(table: ViewTable, row: Row): Row => {
  const members = row as Readonly<Record<string, unknown>> & Row;
  const canonical: ViewRow & Record<string, unknown> = { key: row.key, projectId: row.projectId };
  for (const { member, type } of table.columns) canonical[member] = canonicalValue(type, members[member]);
  return canonical as ViewRow as Row;
};

const arrayLiteral = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** A value as an element of the array parameter of its column: what is an array or JSON itself travels as text. */
export const toColumn = (type: ColumnType, value: unknown): unknown => {
  if (value === null || value === undefined) return null;
  if (type === 'jsonb') return JSON.stringify(value);
  return type === 'text[]' ? arrayLiteral(value as readonly string[]) : value;
};

/** Type of the array parameter for a column, and what makes its element a value of the column. */
export const parameterOf = (type: ColumnType): { readonly arrayType: string; readonly cast: string } =>
  type === 'jsonb' || type === 'text[]'
    ? { arrayType: 'text[]', cast: `::${type}` }
    : { arrayType: `${type}[]`, cast: '' };
