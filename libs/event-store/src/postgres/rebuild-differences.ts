import type { Pool } from 'pg';
import type { Projection } from '../follower.js';
import { inTransaction } from './follower-transaction.js';
import { viewTable, type ViewTable } from './projection-table.js';
import { highest, lowest, type Place } from './rebuild-places.js';

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
  /** How many rows of a generation one query reads at most. */
  readonly rowsPerChunk?: number;
}

const defaultRowsPerChunk = 2_000;
const reported = 100;

const endSql = (table: string): string => {
  const end = (generation: string) =>
    `(select key, valid_from from ${table} where generation = ${generation} and (key, valid_from) > ($3::uuid, $4::bigint)
       order by key, valid_from offset $5 limit 1)`;
  return `select key, valid_from as "validFrom" from (${end('$1')} union all ${end('$2')}) as ends order by 1, 2 limit 1`;
};

const side = (table: string, generation: string): string =>
  `(select *, case when valid_to <= $7 then valid_to end as ended from ${table}
     where generation = ${generation} and (key, valid_from) > ($3::uuid, $4::bigint)
       and (key, valid_from) <= ($5::uuid, $6::bigint) and valid_from <= $7 order by key, valid_from)`;

/** A row that stands alone differs in its project, which is never null. */
const compareSql = ({ table, columns }: ViewTable): string => {
  const differing = ['project_id', 'ended', ...columns.map(({ column }) => column)].map(
    (column) =>
      `case when live.${column} is distinct from rebuilt.${column} then '${column === 'ended' ? 'valid_to' : column}' end`,
  );
  return `with pairs as (
      select key, valid_from, array_remove(array[${differing.join(', ')}], null) as columns,
          case when rebuilt.generation is null then 'only-live' when live.generation is null then 'only-rebuilt' else 'changed' end as difference
        from ${side(table, '$1')} as live full join ${side(table, '$2')} as rebuilt using (key, valid_from))
    select count(*) filter (where difference <> 'only-live') as compared, count(*) filter (where columns <> '{}') as different,
      (array_agg(json_build_object('key', key, 'validFrom', valid_from, 'difference', difference,
          'columns', case difference when 'changed' then columns else '{}' end)
        order by key, valid_from) filter (where columns <> '{}'))[:${reported}] as first
      from pairs`;
};

interface ChunkRecord {
  readonly compared: string;
  readonly different: string;
  readonly first: readonly RowDifference[] | null;
}

/**
 * Row by row and version by version, so `asOf` is compared at every position; in chunks, each read on its own, which end
 * where the first of the generations has a chunk's worth of rows.
 */
export const compareGenerations = async (
  pool: Pool,
  { projection, live, rebuilt, upTo, rowsPerChunk = defaultRowsPerChunk }: Comparison,
): Promise<Differences> => {
  const table = viewTable(projection);
  const first: RowDifference[] = [];
  let compared = 0;
  let different = 0;
  let after = lowest;
  while (after !== highest) {
    const begin = [live, rebuilt, after.key, after.validFrom];
    const { end, chunk } = await inTransaction(pool, async (tx) => {
      // Without a sort only the primary key leads through a generation, however little its statistics tell of it. What it
      // costs by those would have each chunk compiled.
      await tx.query('set local enable_sort = off; set local enable_mergejoin = on; set local jit = off');
      const [end = highest] = await tx.query<Place>(endSql(table.table), [...begin, rowsPerChunk - 1]);
      const [chunk] = await tx.query<ChunkRecord>(compareSql(table), [...begin, end.key, end.validFrom, upTo]);
      return { end, chunk };
    });
    compared += Number(chunk?.compared ?? 0);
    different += Number(chunk?.different ?? 0);
    first.push(...(chunk?.first ?? []).slice(0, reported - first.length));
    after = end;
  }
  return { compared, different, first };
};
