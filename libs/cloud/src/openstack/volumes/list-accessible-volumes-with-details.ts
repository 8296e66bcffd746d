import { z } from 'zod';
import type { CloudDisk } from '../../disk-cloud.js';
import { Links } from '../../wire/next-page.js';
import { readPage, readPages, type CinderList } from '../cinder-list.js';
import type { OpenstackClient } from '../openstack.client.js';
import { diskOf, Volume } from '../openstack.words.js';

const volumes: CinderList<Volume> = {
  of: 'disks',
  call: (query) => ({ method: 'GET', path: '/volumes/detail', query }),
  page: z
    .object({ volumes: z.array(Volume), volumes_links: Links })
    .transform(({ volumes: items, volumes_links: links }) => ({ items, links })),
};

/** `GET /volumes/detail`, one page. */
export const volumePage = async (
  client: OpenstackClient,
  query: Readonly<Record<string, string>>,
): Promise<readonly CloudDisk[]> => (await readPage(client, volumes, query)).map(diskOf);

/** `GET /volumes/detail`, newest first, to the end. */
export async function* listVolumes(client: OpenstackClient, pageSize: number): AsyncGenerator<readonly CloudDisk[]> {
  for await (const page of readPages(client, volumes, { pageSize })) yield page.map(diskOf);
}
