import type { CloudDiskType, CloudZone } from '@strata/cloud';
import type { BindingId } from '@strata/kernel';
import type { Pool } from 'pg';

/** What a cloud offers is no part of the log: kept with the time it was fetched, replaced as a whole. */
export const keepCatalogue = async (
  pool: Pool,
  bindingId: BindingId,
  diskTypes: readonly CloudDiskType[],
  zones: readonly CloudZone[],
): Promise<void> => {
  await pool.query(
    `insert into catalogue (binding_id, kind, items, fetched_at)
     values ($1, 'disk-types', $2::jsonb, now()), ($1, 'availability-zones', $3::jsonb, now())
     on conflict (binding_id, kind) do update set items = excluded.items, fetched_at = excluded.fetched_at`,
    [bindingId, JSON.stringify(diskTypes), JSON.stringify(zones)],
  );
};
