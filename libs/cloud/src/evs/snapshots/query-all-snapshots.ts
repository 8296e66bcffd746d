import { z } from 'zod';
import { CloudSilent } from '../../disk-cloud.js';
import type { CloudSnapshot } from '../../snapshot-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { ownFault } from '../evs.faults.js';
import { Snapshot, snapshotOf } from '../evs.snapshot-words.js';
import { Links, markerAfter } from '../../wire/next-page.js';
import { readBody } from '../../wire/texts.js';

const Page = z.object({ snapshots: z.array(Snapshot), snapshots_links: Links });
type Page = z.infer<typeof Page>;

/** As many as the cloud gives in one answer (EVS reference §8.2). */
export const snapshotPageSize = 1000;
/** A million snapshots: beyond that something is wrong with the paging. */
const mostPages = 1000;

/** N15, newest first, page by page by marker; of one disk only where `cloudDiskId` is given. */
export async function* queryAllSnapshots(
  client: EvsClient,
  cloudDiskId: string | null = null,
): AsyncGenerator<readonly CloudSnapshot[]> {
  const seen = new Set<string>();
  let marker: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const query = {
      limit: String(snapshotPageSize),
      ...(cloudDiskId !== null && { volume_id: cloudDiskId }),
      ...(marker !== null && { marker }),
    };
    const call = { method: 'GET', version: 'v2', path: '/cloudsnapshots/detail', query } as const;
    const answer: Page = readBody(Page, await client.readAnswer(call));
    if (answer.snapshots.length === 0) return;
    const snapshots = answer.snapshots.map(snapshotOf);
    // The filter may be ignored: then everything is answered.
    yield snapshots.filter((snapshot) => cloudDiskId === null || snapshot.cloudDiskId === cloudDiskId);
    marker = markerAfter({ items: answer.snapshots, links: answer.snapshots_links }, snapshotPageSize);
    if (marker === null) return;
    if (seen.has(marker)) break;
    seen.add(marker);
  }
  throw new CloudSilent(ownFault('endless-list', 'the list of snapshots does not come to an end'), 'unavailable', null);
}

/** N15, those that a test of our own picks, until `enough` are found or the list ends. */
export const collectSnapshots = async (
  client: EvsClient,
  {
    cloudDiskId = null,
    isWanted = () => true,
    enough = Infinity,
  }: {
    readonly cloudDiskId?: string | null;
    readonly isWanted?: (snapshot: CloudSnapshot) => boolean;
    readonly enough?: number;
  },
): Promise<readonly CloudSnapshot[]> => {
  const found: CloudSnapshot[] = [];
  for await (const page of queryAllSnapshots(client, cloudDiskId)) {
    found.push(...page.filter(isWanted));
    if (found.length >= enough) break;
  }
  return found;
};
