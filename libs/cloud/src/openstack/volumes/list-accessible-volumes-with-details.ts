import { z } from 'zod';
import { CloudSilent, type CloudDisk } from '../../disk-cloud.js';
import { ownFault } from '../../wire/outcome.js';
import type { OpenstackClient } from '../openstack.client.js';
import { diskOf, readBody, Volume } from '../openstack.words.js';

const Page = z.object({
  volumes: z.array(Volume),
  volumes_links: z
    .array(z.object({ rel: z.string(), href: z.string() }))
    .nullish()
    .catch(null),
});
type Page = z.infer<typeof Page>;

/** `GET /volumes/detail`, one page. */
export const volumePage = async (client: OpenstackClient, query: Readonly<Record<string, string>>): Promise<Page> =>
  readBody(Page, await client.readAnswer({ method: 'GET', path: '/volumes/detail', query }));

/** A million volumes in pages of a thousand: beyond that something is wrong with the paging. */
const mostPages = 1000;

/** Newest first, by marker: with offsets a volume created meanwhile would shift the pages. */
export async function* listVolumes(client: OpenstackClient, pageSize: number): AsyncGenerator<readonly CloudDisk[]> {
  const seen = new Set<string>();
  let marker: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const answer: Page = await volumePage(client, {
      sort: 'created_at:desc',
      limit: String(pageSize),
      ...(marker !== null && { marker }),
    });
    if (answer.volumes.length > 0) yield answer.volumes.map(diskOf);
    marker = markerAfter(answer, pageSize);
    if (marker === null) return;
    if (seen.has(marker)) break;
    seen.add(marker);
  }
  throw new CloudSilent(ownFault('endless-list', 'the list of disks does not come to an end'), 'unavailable', null);
}

/**
 * Where the next page begins. Of a next link only its marker is used: the rest names hosts and paths of the cloud's inside.
 * A full page without a link is asked on all the same; a short one with a link comes from a cloud whose own limit is below ours.
 */
const markerAfter = ({ volumes, volumes_links }: Page, pageSize: number): string | null => {
  const href = volumes_links?.find(({ rel }) => rel === 'next')?.href;
  const named = href === undefined ? null : new URLSearchParams(href.split('?')[1] ?? '').get('marker');
  if (named !== null) return named;
  return volumes.length < pageSize && href === undefined ? null : (volumes.at(-1)?.id ?? null);
};
