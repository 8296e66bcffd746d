import type { Pool } from 'pg';
import type { Projection } from '../follower.js';
import { viewTable, type ViewTable } from './projection-table.js';

/** A version of a row that two generations of a view do not agree on. */
export interface RowDifference {
  readonly key: string;
  readonly validFrom: number;
  readonly difference: 'only-live' | 'only-rebuilt' | 'changed';
  /** Of `changed`: the columns that differ, `valid_to` among them. */
  readonly columns: readonly string[];
}

export interface Differences {
  readonly compared: number;
  readonly different: number;
  /** The first of them, in the order of their keys. */
  readonly first: readonly RowDifference[];
}

export interface Comparison {
  readonly projection: Projection;
  readonly live: number;
  readonly rebuilt: number;
  /** Both generations are compared as they were here; what came later is left out. */
  readonly upTo: number;
}

const keysPerChunk = 2_000;
const reported = 100;

const chunkSql = (table: string): string => `select max(key::text)::uuid as last from (
  select distinct key from ${table} where generation in ($1, $2) and key > $3::uuid order by key limit ${keysPerChunk}) as chunk`;

const side = (table: string, parameter: string): string =>
  `(select *, case when valid_to <= $5 then valid_to end as ended from ${table}
     where generation = ${parameter} and key > $3::uuid and key <= $4::uuid and valid_from <= $5)`;

const compareSql = ({ table, columns }: ViewTable): string => {
  const compared = ['project_id', 'ended', ...columns.map(({ column }) => column)];
  const named = compared.map(
    (column) =>
      `case when live.${column} is distinct from rebuilt.${column} then '${column === 'ended' ? 'valid_to' : column}' end`,
  );
  return `select coalesce(live.key, rebuilt.key) as key, coalesce(live.valid_from, rebuilt.valid_from) as valid_from,
      live.key is null as only_rebuilt, rebuilt.key is null as only_live,
      array_remove(array[${named.join(', ')}], null) as columns, count(*) over () as different
    from ${side(table, '$1')} as live
    full join ${side(table, '$2')} as rebuilt on rebuilt.key = live.key and rebuilt.valid_from = live.valid_from
    where live.key is null or rebuilt.key is null or ${compared.map((column) => `live.${column} is distinct from rebuilt.${column}`).join(' or ')}
    order by 1, 2 limit ${reported}`;
};

const countSql = (table: string): string =>
  `select count(*) as compared from ${side(table, '$2')} as rebuilt where $1::int is not null`;

interface DifferenceRecord {
  readonly key: string;
  readonly valid_from: string;
  readonly only_live: boolean;
  readonly only_rebuilt: boolean;
  readonly columns: readonly string[];
  readonly different: string;
}

const differenceOf = (record: DifferenceRecord): RowDifference => {
  const where = { key: record.key, validFrom: Number(record.valid_from) };
  if (record.only_live) return { ...where, difference: 'only-live', columns: [] };
  if (record.only_rebuilt) return { ...where, difference: 'only-rebuilt', columns: [] };
  return { ...where, difference: 'changed', columns: record.columns };
};

const zeroKey = '00000000-0000-0000-0000-000000000000';

async function* keyRanges(pool: Pool, { table }: ViewTable, live: number, rebuilt: number) {
  let after: string = zeroKey;
  for (;;) {
    const { rows } = await pool.query<{ last: string | null }>(chunkSql(table), [live, rebuilt, after]);
    const last = rows[0]?.last;
    if (!last) return;
    yield [after, last] as const;
    after = last;
  }
}

/** Row by row and version by version, so `asOf` is compared at every position; in chunks of keys, each read on its own. */
export const compareGenerations = async (
  pool: Pool,
  { projection, live, rebuilt, upTo }: Comparison,
): Promise<Differences> => {
  const table = viewTable(projection);
  const first: RowDifference[] = [];
  let compared = 0;
  let different = 0;
  for await (const [after, last] of keyRanges(pool, table, live, rebuilt)) {
    const range = [live, rebuilt, after, last, upTo];
    const { rows } = await pool.query<DifferenceRecord>(compareSql(table), range);
    const counted = await pool.query<{ compared: string }>(countSql(table.table), range);
    compared += Number(counted.rows[0]?.compared ?? 0);
    different += Number(rows[0]?.different ?? 0);
    first.push(...rows.map(differenceOf).slice(0, reported - first.length));
  }
  return { compared, different, first };
};
