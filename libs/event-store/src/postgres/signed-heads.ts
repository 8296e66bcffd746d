import type { Pool } from 'pg';
import { keyIdOf, type SignedHead, signHead, type SigningKey, type VerifyingKey } from '../signed-head.js';
import { logHead } from './log-records.js';

/** Some years of days. */
const mostHeads = 1_000;

interface HeadRow {
  readonly incarnation: string;
  readonly position: string;
  readonly hash: string;
  readonly signed_at: Date;
  readonly algorithm: SignedHead['algorithm'];
  readonly signature: string;
}

const isSigned = async (pool: Pool, key: string, day: string): Promise<boolean> => {
  const { rowCount } = await pool.query(
    'select from signed_heads where key = $1 and day = $2 and incarnation = (select incarnation from log)',
    [key, day],
  );
  return rowCount !== 0;
};

/**
 * Signs where the log ends and stores it, unless that was done with this key on this day (UTC) already, or there is no event
 * yet. Any number of processes may do this: one of them signs. Connections of `strata_worker`.
 */
export const signHeadOfDay = async (pool: Pool, key: SigningKey, at: Date): Promise<SignedHead | undefined> => {
  const [id, day] = [keyIdOf(key), at.toISOString().slice(0, 10)];
  if (await isSigned(pool, id, day)) return undefined;
  const end = await logHead(pool);
  if (end.position === 0) return undefined;
  const head = signHead(end, key, at);
  const { incarnation, position, hash, signedAt, algorithm, signature } = head;
  const { rowCount } = await pool.query(
    `insert into signed_heads (key, incarnation, day, position, hash, signed_at, algorithm, signature)
      values ($1, $2, $3, $4, decode($5, 'hex'), $6, $7, $8) on conflict do nothing`,
    [id, incarnation, day, position, hash, signedAt, algorithm, signature],
  );
  return rowCount === 0 ? undefined : head;
};

/**
 * The heads that were signed with this key since the log began or was restored, newest first. Ask before the head of the log
 * is read: one that is signed meanwhile would seem to lie behind its end. Connections of `strata_worker`.
 */
export const storedHeads = async (pool: Pool, key: VerifyingKey): Promise<readonly SignedHead[]> => {
  const { rows } = await pool.query<HeadRow>(
    `select incarnation, position, encode(hash, 'hex') as hash, signed_at, algorithm, signature from signed_heads
      where key = $1 and incarnation = (select incarnation from log) order by day desc limit ${mostHeads}`,
    [keyIdOf(key)],
  );
  return rows.map(({ position, signed_at, ...head }) => ({
    ...head,
    position: Number(position),
    signedAt: signed_at.toISOString(),
  }));
};
