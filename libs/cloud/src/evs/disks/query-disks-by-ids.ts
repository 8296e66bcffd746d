import type { CloudDisk } from '../../disk-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { diskOf } from '../evs.words.js';
import { queryDiskPage } from './query-all-disks.js';
import { queryDisk } from './query-disk.js';

/** The most that one `ids` filter takes (EVS reference §1.5). */
const idsPerCall = 60;

/** N2 with `ids`. Disks that the cloud does not know are missing from the answer. */
export const queryDisksByIds = async (
  client: EvsClient,
  cloudIds: readonly string[],
): Promise<readonly CloudDisk[]> => {
  const wanted = [...new Set(cloudIds)];
  const disks: CloudDisk[] = [];
  for (let start = 0; start < wanted.length; start += idsPerCall) {
    disks.push(...(await queryChunk(client, wanted.slice(start, start + idsPerCall))));
  }
  return disks;
};

const queryChunk = async (client: EvsClient, ids: readonly string[]): Promise<readonly CloudDisk[]> => {
  const literal = `[${ids.map((id) => `'${id.replaceAll("'", '')}'`).join(',')}]`;
  const { volumes } = await queryDiskPage(client, { ids: literal });
  const found = volumes.filter(({ id }) => ids.includes(id));
  if (found.length === volumes.length) return found.map(diskOf);
  // Disks that were not asked for: the filter was ignored, so a missing one may only be on a later page.
  const missing = ids.filter((id) => !found.some((volume) => volume.id === id));
  const single: CloudDisk[] = [];
  for (const id of missing) single.push(...[await queryDisk(client, id)].filter((disk) => disk !== null));
  return [...found.map(diskOf), ...single];
};
