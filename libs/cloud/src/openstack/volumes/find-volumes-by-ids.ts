import type { CloudDisk } from '../../disk-cloud.js';
import { largestPage } from '../cinder-list.js';
import type { OpenstackClient } from '../openstack.client.js';
import { listVolumes } from './list-accessible-volumes-with-details.js';
import { showVolumeDetails } from './show-a-volumes-details.js';

/** Cinder has no filter for many ids: up to so many are shown one by one, more are taken from the list. */
const mostShown = 20;
const shownAtOnce = 4;

/** Volumes that the cloud does not know are missing from the answer. */
export const findVolumesByIds = async (
  client: OpenstackClient,
  cloudIds: readonly string[],
): Promise<readonly CloudDisk[]> => {
  const wanted = new Set(cloudIds);
  return wanted.size <= mostShown ? showEach(client, [...wanted]) : fromList(client, wanted);
};

const showEach = async (client: OpenstackClient, ids: readonly string[]): Promise<readonly CloudDisk[]> => {
  const disks: CloudDisk[] = [];
  for (let start = 0; start < ids.length; start += shownAtOnce) {
    const shown = await Promise.all(ids.slice(start, start + shownAtOnce).map((id) => showVolumeDetails(client, id)));
    disks.push(...shown.filter((disk) => disk !== null));
  }
  return disks;
};

const fromList = async (client: OpenstackClient, wanted: ReadonlySet<string>): Promise<readonly CloudDisk[]> => {
  const found = new Map<string, CloudDisk>();
  for await (const page of listVolumes(client, largestPage)) {
    for (const disk of page) if (wanted.has(disk.cloudId)) found.set(disk.cloudId, disk);
    if (found.size === wanted.size) break;
  }
  return [...found.values()];
};
