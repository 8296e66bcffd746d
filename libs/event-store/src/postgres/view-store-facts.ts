import type { Pool } from 'pg';

/** What a view's table is, beyond what its projection says. */
export interface TableFacts {
  readonly nullable: ReadonlySet<string>;
  /** Columns by which the rows of now stand in an index of their own. */
  readonly indexed: ReadonlySet<string>;
  /** Whether the tags of its rows stand in a table of their own. */
  readonly hasTags: boolean;
}

interface ColumnFacts {
  readonly name: string;
  readonly nullable: boolean;
  readonly indexed: boolean;
  readonly tags: boolean;
}

export const tableFacts = async (pool: Pool, table: string): Promise<TableFacts> => {
  const { rows } = await pool.query<ColumnFacts>(
    `select a.attname as name, not a.attnotnull as nullable, to_regclass($1 || '_tags') is not null as tags,
        exists(
          select from pg_index i
          where i.indrelid = a.attrelid and i.indkey[1] = a.attnum
            and pg_get_expr(i.indpred, i.indrelid) = '(valid_to IS NULL)'
        ) as indexed
      from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0`,
    [table],
  );
  const named = (columns: readonly ColumnFacts[]) => new Set(columns.map(({ name }) => name));
  return {
    nullable: named(rows.filter(({ nullable }) => nullable)),
    indexed: named(rows.filter(({ indexed }) => indexed)),
    hasTags: rows.some(({ tags }) => tags),
  };
};
