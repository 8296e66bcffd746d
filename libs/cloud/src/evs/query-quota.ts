import { z } from 'zod';
import type { CloudQuota } from '../disk-cloud.js';
import { segment, type EvsClient } from './evs.client.js';
import { readBody } from './evs.words.js';

const Figure = z.object({
  limit: z.number(),
  in_use: z.number().nullish(),
  reserved: z.number().nullish(),
});
const Body = z.object({ quota_set: z.record(z.string(), z.unknown()) });

/** C10. An open map: keys that we do not know are passed over, keys that are missing are unlimited (EVS reference §3). */
export const queryQuota = async (client: EvsClient): Promise<CloudQuota> => {
  const answer = await client.readAnswer({
    method: 'GET',
    version: 'v2',
    path: `/os-quota-sets/${segment(client.projectId)}`,
    query: { usage: 'True' },
  });
  const dimensions = Object.entries(readBody(Body, answer).quota_set).flatMap(([key, value]) => {
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
  });
  return { dimensions };
};

const totals = new Map([
  ['volumes', 'disks'],
  ['gigabytes', 'gigabytes'],
  ['snapshots', 'snapshots'],
  ['per_volume_gigabytes', 'per_disk_gigabytes'],
]);

/** `backups` and `backup_gigabytes` are leftovers: CBR counts on its own (EVS reference §3). */
const dimensionOf = (key: string): string | null => {
  const [, what, type] = /^(volumes|gigabytes)_([A-Za-z0-9_.-]{1,64})$/.exec(key) ?? [];
  return what === undefined ? (totals.get(key) ?? null) : `${totals.get(what)}:${type}`;
};
