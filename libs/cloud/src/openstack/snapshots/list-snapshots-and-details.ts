import { z } from 'zod';
import type { CloudSnapshot } from '../../snapshot-cloud.js';
import { Links } from '../../wire/next-page.js';
import { readPages, type CinderList } from '../cinder-list.js';
import type { OpenstackClient } from '../openstack.client.js';
import { Snapshot, snapshotOf } from '../openstack.snapshot-words.js';

const snapshots: CinderList<Snapshot> = {
  of: 'snapshots',
  call: (query) => ({ method: 'GET', path: '/snapshots/detail', query }),
  page: z
    .object({ snapshots: z.array(Snapshot), snapshots_links: Links })
    .transform(({ snapshots: items, snapshots_links: links }) => ({ items, links })),
};

/** `GET /snapshots/detail`, newest first, to the end; of one disk only where `cloudDiskId` is given. */
export async function* listSnapshots(
  client: OpenstackClient,
  cloudDiskId: string | null = null,
): AsyncGenerator<readonly CloudSnapshot[]> {
  const filters = cloudDiskId === null ? {} : { volume_id: cloudDiskId };
  for await (const page of readPages(client, snapshots, { filters })) {
    // The filter may be ignored: then everything is answered.
    yield page.map(snapshotOf).filter((snapshot) => cloudDiskId === null || snapshot.cloudDiskId === cloudDiskId);
  }
}

/** Those that a test of our own picks, until `enough` are found or the list ends. */
export const collectSnapshots = async (
  pages: AsyncIterable<readonly CloudSnapshot[]>,
  isWanted: (snapshot: CloudSnapshot) => boolean = () => true,
  enough = Infinity,
): Promise<readonly CloudSnapshot[]> => {
  const found: CloudSnapshot[] = [];
  for await (const page of pages) {
    found.push(...page.filter(isWanted));
    if (found.length >= enough) break;
  }
  return found;
};
