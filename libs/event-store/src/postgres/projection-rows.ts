import type { ColumnType, Projection, FollowerTransaction, ViewRow } from '../follower.js';
import { textArray } from './lane/wire.js';
import type { Folded, RowVersion } from './projection-fold.js';
import { parameterOf, rowOf, toColumn, viewTable, type ViewTable } from './projection-table.js';

/** The rows with these keys that stand open in a generation. */
export const openRows = async <Row extends ViewRow>(
  tx: FollowerTransaction,
  projection: Projection<Row>,
  generation: number,
  keys: readonly string[],
): Promise<Map<string, RowVersion<Row>>> => {
  const open = new Map<string, RowVersion<Row>>();
  if (keys.length === 0) return open;
  const table = viewTable(projection);
  const records = await tx.query<Record<string, unknown>>(
    `select ${table.selectList}, valid_from from ${table.table}
      where generation = $1 and key = any($2::uuid[]) and valid_to is null`,
    [generation, keys],
  );
  for (const record of records) {
    const row = rowOf<Row>(table, record);
    open.set(row.key, { row, validFrom: Number(record['valid_from']), validTo: null });
  }
  return open;
};

const endRows = async (tx: FollowerTransaction, table: ViewTable, generation: number, { ended }: Folded) => {
  if (ended.length === 0) return;
  // Each row is looked up by its key, for which `offset 0` leaves no choice: a join could read the whole view instead.
  const changed = await tx.query(
    `update ${table.table} as v set valid_to = found.valid_to
       from (
         select ended.valid_to, version.place
           from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as ended(key, valid_from, valid_to)
           cross join lateral (
             select open.ctid as place from ${table.table} open
              where open.generation = $1 and open.key = ended.key and open.valid_from = ended.valid_from
                and open.valid_to is null offset 0
           ) version
       ) found
      where v.ctid = found.place
      returning 1 as changed`,
    [generation, ended.map((row) => row.key), ended.map((row) => row.validFrom), ended.map((row) => row.validTo)],
  );
  if (changed.length !== ended.length) {
    throw new Error(`${table.table}: ${ended.length} open rows should have ended, ${changed.length} did`);
  }
};

const insertTexts = new WeakMap<ViewTable, string>();

const insertInto = (table: ViewTable): string => {
  const text = insertTexts.get(table) ?? insertSql(table);
  insertTexts.set(table, text);
  return text;
};

/** Texts go in binary: most are JSON, of which every quote would be escaped here and taken back there. */
const arrayOf = (type: ColumnType, values: readonly unknown[]): unknown =>
  parameterOf(type).arrayType === 'text[]' ? textArray(values as readonly (string | null)[]) : values;

/** The arrays are walked through side by side as the rows are made; in `from`, each would be made a table first. */
const insertSql = ({ table, columns }: ViewTable): string => {
  const values = columns.map(({ type }, index) => {
    const { arrayType, cast } = parameterOf(type);
    return `unnest($${index + 6}::${arrayType})${cast}`;
  });
  const names = ['generation', 'key', 'project_id', 'valid_from', 'valid_to', ...columns.map(({ column }) => column)];
  return `insert into ${table} (${names.join(', ')})
    select $1, ${['unnest($2::uuid[])', 'unnest($3::uuid[])', 'unnest($4::bigint[])', 'unnest($5::bigint[])', ...values].join(', ')}`;
};

/**
 * Rows of one statement. With thousands, what the server keeps of them on their way (parameters, rows for triggers) no longer
 * fits where it is quick to take and to reach, and a row costs twice as much.
 */
const rowsPerInsert = 250;

const insertRows = async (
  tx: FollowerTransaction,
  table: ViewTable,
  generation: number,
  made: readonly RowVersion[],
) => {
  const members = made.map(({ row }) => row as ViewRow & Readonly<Record<string, unknown>>);
  await tx.query(insertInto(table), [
    generation,
    members.map((row) => row.key),
    members.map((row) => row.projectId),
    made.map((version) => version.validFrom),
    made.map((version) => version.validTo),
    ...table.columns.map(({ member, type }) =>
      arrayOf(
        type,
        members.map((row) => toColumn(type, row[member])),
      ),
    ),
  ]);
};

/** One statement ends rows, however many there are; further ones make them, `rowsPerInsert` each. */
export const writeRows = async <Row extends ViewRow>(
  tx: FollowerTransaction,
  projection: Projection<Row>,
  generation: number,
  folded: Folded<Row>,
): Promise<void> => {
  const table = viewTable(projection);
  await endRows(tx, table, generation, folded);
  for (let at = 0; at < folded.made.length; at += rowsPerInsert) {
    await insertRows(tx, table, generation, folded.made.slice(at, at + rowsPerInsert));
  }
};
