import { logHead } from '@strata/event-store/postgres';
import type { LogHead } from '@strata/event-store';
import type { Pool } from 'pg';
import { CliFault } from '../call/fault.js';
import { untilAborted } from '../call/until-aborted.js';

/**
 * The head of the log, as long as all of it can be seen. Row-level security shows a role without sight an empty log, which
 * would be found flawless.
 */
export const visibleHead = (pool: Pool, signal: AbortSignal): Promise<LogHead> => untilAborted(signal, seenBy(pool));

const seenBy = async (pool: Pool): Promise<LogHead> => {
  const { rows } = await pool.query<{ head: string }>('select head from log_head()');
  const head = await logHead(pool);
  if (head.position < Number(rows[0]?.head ?? 0)) {
    throw new CliFault('the database role does not see the log: DATABASE_URL must be that of strata_worker');
  }
  return head;
};
