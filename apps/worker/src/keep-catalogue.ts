import type { BindingId } from '@strata/kernel';
import type { Pool } from 'pg';

/**
 * What a cloud offers is no part of the log: kept by kind with the time it was fetched, replaced as a whole. `fetchedAt`: RFC 3339;
 * absent: now.
 */
export const keepCatalogue = async (
  pool: Pool,
  bindingId: BindingId,
  kinds: Readonly<Record<string, object>>,
  fetchedAt?: string,
) => {
  await pool.query(
    `insert into catalogue (binding_id, kind, items, fetched_at)
     select $1, kind, items, coalesce($3::timestamptz, now()) from jsonb_each($2::jsonb) as fetched (kind, items)
     on conflict (binding_id, kind) do update set items = excluded.items, fetched_at = excluded.fetched_at`,
    [bindingId, JSON.stringify(kinds), fetchedAt],
  );
};

/** As of when it was kept last; RFC 3339, null before the first time. */
export const keptAt = async (pool: Pool, bindingId: BindingId, kind: string): Promise<string | null> => {
  const { rows } = await pool.query<{ fetched_at: Date }>(
    'select fetched_at from catalogue where binding_id = $1 and kind = $2',
    [bindingId, kind],
  );
  return rows[0]?.fetched_at.toISOString() ?? null;
};
