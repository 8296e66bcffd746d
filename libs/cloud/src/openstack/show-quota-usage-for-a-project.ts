import { z } from 'zod';
import type { CloudQuota } from '../disk-cloud.js';
import { segment, type OpenstackClient } from './openstack.client.js';
import { readBody } from './openstack.words.js';

const Figure = z.object({
  limit: z.number(),
  in_use: z.number().nullish(),
  reserved: z.number().nullish(),
});
const Body = z.object({ quota_set: z.record(z.string(), z.unknown()) });

/** `GET /os-quota-sets/{project}?usage=True`. Keys that we do not know are passed over; missing ones are unlimited. */
export const showQuotaUsage = async (client: OpenstackClient): Promise<CloudQuota> => {
  const answer = await client.readAnswer({
    method: 'GET',
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

/** Of a type whose name has no place in a dimension of ours only the totals count. */
const dimensionOf = (key: string): string | null => {
  const [, what, type] = /^(volumes|gigabytes)_([A-Za-z0-9_.-]{1,64})$/.exec(key) ?? [];
  return what === undefined ? (totals.get(key) ?? null) : `${totals.get(what)}:${type}`;
};
