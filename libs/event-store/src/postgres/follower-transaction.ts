import type { Pool, PoolClient } from 'pg';
import type { FollowerTransaction } from '../follower.js';

/** Undone on purpose: what was read before no longer holds. Not a fault. */
export class Withdrawn extends Error {
  override readonly name = 'Withdrawn';
}

/**
 * The server ends what hangs, so that a follower that was stopped in the middle (SIGSTOP, a lost host) holds nothing for
 * longer than this. Few rows of large tables are touched, each by its key: joins that read a table whole are ruled out, which
 * the planner prefers while its statistics are of a smaller table. So one plan is good for all batches, and is kept. Nobody
 * waits for the disk: a crash of the server can only undo the newest steps, each with its checkpoint, and the log, which is
 * always on disk before, is followed again from there. All of it is the transaction's own: a pooler may stand in between.
 */
const begin = `begin isolation level read committed;
  set local idle_in_transaction_session_timeout = '15s'; set local statement_timeout = '60s';
  set local synchronous_commit = off; set local plan_cache_mode = force_generic_plan;
  set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off`;

/** SQL on a connection, or on any connection of a pool: each query on its own then. */
export const sqlOn = (db: Pick<Pool | PoolClient, 'query'>): FollowerTransaction => ({
  query: async <Row extends object>(sql: string, values?: readonly unknown[]) => {
    const { rows } = await db.query<Row>(sql, values && [...values]);
    return rows;
  },
});

const names = new Map<string, string>();

/** Followers have few statements, and their texts are constants: each connection keeps them all under these names. */
const nameOf = (sql: string): string => {
  const name = names.get(sql) ?? `follower-${names.size + 1}`;
  names.set(sql, name);
  return name;
};

/** What is planned in the transaction is planned under its settings, whichever connection it has. */
const keptOn = (client: PoolClient): FollowerTransaction => ({
  query: async <Row extends object>(sql: string, values?: readonly unknown[]) => {
    const { rows } = await client.query<Row>(
      values === undefined ? sql : { name: nameOf(sql), text: sql, values: [...values] },
    );
    return rows;
  },
});

const rollback = async (client: PoolClient): Promise<Error | undefined> => {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

const nothing = (): void => undefined;

/**
 * A pool says by an event that it lost a connection nobody was using, and a process without a listener for it ends. The
 * next query takes another connection.
 */
export const survivingLostConnections = (pool: Pool): Pool =>
  // One listener, however many share the pool.
  pool.off('error', nothing).on('error', nothing);

/**
 * Commits when `work` ends well, rolls back when it throws. An error of the commit itself leaves open whether it happened:
 * the caller reads the checkpoint again.
 */
export const inTransaction = async <Result>(
  pool: Pool,
  work: (tx: FollowerTransaction) => Promise<Result>,
): Promise<Result> => {
  const client = await pool.connect();
  // A connection that dies between two queries says so by an event; the next query fails with it.
  client.on('error', nothing);
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(keptOn(client));
    await client.query('commit');
    return result;
  } catch (error) {
    broken = await rollback(client);
    throw error;
  } finally {
    client.off('error', nothing);
    client.release(broken);
  }
};

/** SQLSTATE classes of connections, conflicts, resources and shutdown; and Node's own codes, which begin with E. */
const outages = /^(08|25P0|40|53|55P03|57P|58|E)/;

/** The database did not do it, and may do it next time: nothing is wrong with the events. */
export const isOutage = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code === undefined ? /connection|timeout exceeded/i.test(error.message) : outages.test(code);
};
