import type pg from 'pg';

export type Query = <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** Reads in one transaction under somebody's eyes: everybody's, or those of whoever holds a role at some nodes. */
export const inSight = async <Result>(
  pool: pg.Pool,
  sight: 'all' | readonly string[],
  read: (query: Query) => Promise<Result>,
): Promise<Result> => {
  const client = await pool.connect();
  try {
    await client.query('begin read only');
    const [name, value] = sight === 'all' ? ['strata.sight', 'all'] : ['strata.grants', `{${sight.join(',')}}`];
    await client.query('select set_config($1, $2, true)', [name, value]);
    const result = await read(
      async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        (await client.query<Row>(sql, [...values])).rows,
    );
    await client.query('commit');
    client.release();
    return result;
  } catch (fault) {
    // The transaction may still be open on it.
    client.release(true);
    throw fault;
  }
};
