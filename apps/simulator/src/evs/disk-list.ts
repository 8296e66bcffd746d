import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isRefusal, type Refusal } from '../http/refusal.js';
import { queryDisks, sightOf, type DiskPage } from './disk-query.js';
import { readDiskQuery } from './list-parameters.js';
import { volumeDetail } from './volume-view.js';

/** All disks in detail (N2). */
export const diskListRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'disks.list',
    method: 'GET',
    paths: ['/v2/:projectId/cloudvolumes/detail'],
    surface: 'native',
    handle: (call) => listDetail(cloud, call),
  },
];

/** One page in full. */
export const listDetail = (cloud: Cloud, call: Call): Answer | Refusal => {
  const page = findDisks(cloud, call);
  if (isRefusal(page)) return page;
  const volumes = page.volumes.map((volume) => volumeDetail(volume, call, cloud.world.seed, 'os-vendor-volumes'));
  return { status: 200, body: { count: page.total, volumes, volumes_links: nextLinks(call, page) } };
};

/** One page of the caller's disks, current or lagging as the fault switches say. */
export const findDisks = (cloud: Cloud, call: Call): DiskPage | Refusal => {
  const query = readDiskQuery(cloud, call);
  return isRefusal(query) ? query : queryDisks(cloud, call, query, sightOf(cloud, call));
};

/** The way to the next page: the same question, from the last disk shown on. Empty at the end. */
export const nextLinks = (
  { baseUrl, path, query }: Call,
  { volumes, more }: DiskPage,
): readonly { rel: string; href: string }[] => {
  const last = volumes.at(-1);
  if (!more || !last) return [];
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && key !== 'offset' && key !== 'marker') parameters.set(key, value);
  }
  parameters.set('marker', last.id);
  return [{ rel: 'next', href: `${baseUrl}${path}?${parameters.toString()}` }];
};
