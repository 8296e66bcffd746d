import type { Pool } from 'pg';

/** Whatever a binding names is looked at every few minutes: what nothing was sent to for so long is of no binding any more. */
const unusedAfter = `interval '30 days'`;

/** Removes what workers shared of endpoints and credentials that nobody names any more. */
export const forgetUnused = async (pool: Pool): Promise<void> => {
  await pool.query(`delete from cloud_budgets where filled_at < now() - ${unusedAfter}`);
  await pool.query(
    `delete from cloud_endpoints e
      where e.since < now() - ${unusedAfter}
        and not exists (select from cloud_budgets b where b.endpoint = e.endpoint)`,
  );
};
