import type { Pool } from 'pg';

export interface ForgetKeysOptions {
  /** Keys that were accepted before this time are forgotten. */
  readonly before: Date;
  /** Append ids up to here were walked before; the beginning when absent. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const rowsAtATime = 5_000;
const beginning = '00000000-0000-0000-0000-000000000000';

/** The least UUIDv7 of a moment (RFC 9562 §5.7): 48 bits of milliseconds first. */
const leastIdOf = (time: Date): string => {
  const hex = time.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

/**
 * Empties idempotency keys whose time is over, in short transactions. Resolves with how far it got, for the next time. Connections
 * of `strata_worker`.
 */
export const forgetKeys = async (pool: Pool, { before, after, signal }: ForgetKeysOptions): Promise<string> => {
  let walked = after ?? beginning;
  while (!signal?.aborted) {
    const { rows } = await pool.query<{ last: string | null }>({
      name: 'forget_keys',
      text: 'select forget_keys($1, $2, $3) as last',
      values: [walked, leastIdOf(before), rowsAtATime],
    });
    const last = rows[0]?.last ?? null;
    if (last === null) break;
    walked = last;
  }
  return walked;
};
