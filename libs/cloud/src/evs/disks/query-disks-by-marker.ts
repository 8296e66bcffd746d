import { CloudSilent, type CloudDisk } from '../../disk-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { markerMetadataKey, markerTagKey, markerToTag } from '../evs.marker.js';
import { diskOf } from '../evs.words.js';
import { queryAllDisks, queryDiskPage } from './query-all-disks.js';
import { queryDisksByTag } from './query-disks-by-tag.js';

/** Small, as what is looked for was made a moment ago. */
const listPageSize = 200;
/** How far the cloud's clock may be behind ours. */
const clockSkewMs = 5 * 60_000;

/**
 * The union of metadata filter and tag search; when neither finds any, the list back to `since`. Whatever a search
 * returns, only disks that carry the marker count: a filter may be ignored, and then returns everything.
 */
export const queryDisksByMarker = async (
  client: EvsClient,
  marker: string,
  since: Date,
): Promise<readonly CloudDisk[]> => {
  const searches = await Promise.allSettled([byMetadata(client, marker), byTag(client, marker)]);
  const answers = searches.flatMap((search) => (search.status === 'fulfilled' ? [search.value] : []));
  const found = carriersOf(marker, answers.flat());
  if (found.length > 0) return found;
  const failures = searches.flatMap((search) => (search.status === 'rejected' ? [search.reason as unknown] : []));
  // A cloud that asks for fewer calls, or knows us no longer, is not asked a third time.
  const last = failures.find((failure) => !(failure instanceof CloudSilent) || failure.why !== 'unavailable');
  if (last !== undefined) throw last;
  return fromList(client, marker, since);
};

const byMetadata = async (client: EvsClient, marker: string): Promise<readonly CloudDisk[]> => {
  const { volumes } = await queryDiskPage(client, {
    metadata: JSON.stringify({ [markerMetadataKey]: marker }),
    limit: '50',
  });
  return volumes.map(diskOf);
};

const byTag = (client: EvsClient, marker: string): Promise<readonly CloudDisk[]> =>
  queryDisksByTag(client, markerTagKey, markerToTag(marker));

const fromList = async (client: EvsClient, marker: string, since: Date): Promise<readonly CloudDisk[]> => {
  const oldest = new Date(since.getTime() - clockSkewMs).toISOString();
  const found: CloudDisk[] = [];
  for await (const page of queryAllDisks(client, listPageSize)) {
    found.push(...page);
    if (page.some(({ createdAt }) => createdAt < oldest)) break;
  }
  return carriersOf(marker, found);
};

/** One entry for each disk, however many searches found it. */
const carriersOf = (marker: string, disks: readonly CloudDisk[]): readonly CloudDisk[] => [
  ...new Map(disks.filter((disk) => disk.marker === marker).map((disk) => [disk.cloudId, disk])).values(),
];
