import { z } from 'zod';
import type { CloudQuota } from '../disk-cloud.js';

const Figure = z.object({
  limit: z.number(),
  in_use: z.number().nullish(),
  reserved: z.number().nullish(),
});

/** A quota set with usage, as Cinder and EVS write it (EVS reference §3): an open map. */
export const QuotaSet = z.object({ quota_set: z.record(z.string(), z.unknown()) });

/** Keys that we do not know are passed over, keys that are missing are unlimited. */
export const quotaOf = ({ quota_set }: z.infer<typeof QuotaSet>): CloudQuota => ({
  dimensions: Object.entries(quota_set).flatMap(([key, value]) => {
    const dimension = dimensionOf(key);
    const figure = Figure.safeParse(value);
    if (dimension === null || !figure.success) return [];
    const { limit, in_use, reserved } = figure.data;
    return [
      {
        dimension,
        limit: limit < 0 ? ('unlimited' as const) : Math.trunc(limit),
        used: Math.trunc(Math.max(0, in_use ?? 0) + Math.max(0, reserved ?? 0)),
      },
    ];
  }),
});

const totals = new Map([
  ['volumes', 'disks'],
  ['gigabytes', 'gigabytes'],
  ['snapshots', 'snapshots'],
  ['per_volume_gigabytes', 'per_disk_gigabytes'],
]);

/**
 * `backups` and `backup_gigabytes` are leftovers: CBR counts on its own. Of a type whose name has no place in a dimension of ours
 * only the totals count.
 */
const dimensionOf = (key: string): string | null => {
  const [, what, type] = /^(volumes|gigabytes)_([A-Za-z0-9_.-]{1,64})$/.exec(key) ?? [];
  return what === undefined ? (totals.get(key) ?? null) : `${totals.get(what)}:${type}`;
};
