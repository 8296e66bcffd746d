import { CloudSilent, type CloudDisk } from '../../disk-cloud.js';
import type { OpenstackClient } from '../openstack.client.js';
import { markerKey } from '../openstack.marker.js';
import { listVolumes, volumePage } from './list-accessible-volumes-with-details.js';

/** Small, as what is looked for was made a moment ago. */
const listPageSize = 200;
/** How far the cloud's clock may be behind ours. */
const clockSkewMs = 5 * 60_000;

/**
 * By the metadata filter; when that finds none, or is not offered, by the list back to `since`. Only disks that carry the
 * marker count: a cloud may be set up to ignore the filter, and then returns everything.
 */
export const findVolumesByMarker = async (
  client: OpenstackClient,
  marker: string,
  since: Date,
): Promise<readonly CloudDisk[]> => {
  const found = await byFilter(client, marker);
  return found.length > 0 ? found : fromList(client, marker, since);
};

const byFilter = async (client: OpenstackClient, marker: string): Promise<readonly CloudDisk[]> => {
  try {
    const metadata = JSON.stringify({ [markerKey]: marker });
    const disks = await volumePage(client, { metadata, limit: '50' });
    return disks.filter((disk) => disk.marker === marker);
  } catch (error) {
    // A cloud that asks for fewer calls, or knows us no longer, is not asked a second time.
    if (error instanceof CloudSilent && error.why === 'unavailable') return [];
    throw error;
  }
};

const fromList = async (client: OpenstackClient, marker: string, since: Date): Promise<readonly CloudDisk[]> => {
  const oldest = new Date(since.getTime() - clockSkewMs).toISOString();
  const found = new Map<string, CloudDisk>();
  for await (const page of listVolumes(client, listPageSize)) {
    for (const disk of page) if (disk.marker === marker) found.set(disk.cloudId, disk);
    if (page.some(({ createdAt }) => createdAt < oldest)) break;
  }
  return [...found.values()];
};
