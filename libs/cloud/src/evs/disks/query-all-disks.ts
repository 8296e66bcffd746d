import { z } from 'zod';
import { CloudSilent, type CloudDisk } from '../../disk-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { ownFault } from '../evs.faults.js';
import { diskOf, Volume } from '../evs.words.js';
import { Links, markerAfter } from '../../wire/next-page.js';
import { readBody } from '../../wire/texts.js';

export const DiskPage = z.object({
  volumes: z.array(Volume),
  volumes_links: Links,
});
type Page = z.infer<typeof DiskPage>;

export type DiskFilter = Readonly<Record<string, string>>;

const listing = (query: DiskFilter) => ({ method: 'GET', version: 'v2', path: '/cloudvolumes/detail', query }) as const;

/** N2, one page. */
export const queryDiskPage = async (client: EvsClient, filter: DiskFilter): Promise<Page> =>
  readBody(DiskPage, await client.readAnswer(listing(filter)));

/** N2, one page, where a refusal says something, too. Throws `CloudSilent`. */
export const askForDisks = (client: EvsClient, filter: DiskFilter) => client.read(listing(filter));

/** A million disks in pages of a thousand: beyond that something is wrong with the paging. */
const mostPages = 1000;

/** N2, newest first, by marker: with offsets a disk created meanwhile would shift the pages (EVS reference §8.2). */
export async function* queryAllDisks(client: EvsClient, pageSize: number): AsyncGenerator<readonly CloudDisk[]> {
  const seen = new Set<string>();
  let marker: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const answer: Page = await queryDiskPage(client, {
      sort_key: 'created_at',
      sort_dir: 'desc',
      limit: String(pageSize),
      ...(marker === null ? {} : { marker }),
    });
    if (answer.volumes.length === 0) return;
    yield answer.volumes.map(diskOf);
    marker = markerAfter({ items: answer.volumes, links: answer.volumes_links }, pageSize);
    if (marker === null) return;
    if (seen.has(marker)) break;
    seen.add(marker);
  }
  throw new CloudSilent(ownFault('endless-list', 'the list of disks does not come to an end'), 'unavailable', null);
}
