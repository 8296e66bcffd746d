import type { CloudDisk } from '@strata/cloud';
import { isForeign, isMarkerLost } from './sightings.js';
import { isPassing } from './stuck.js';
import type { SweptDisk } from './sweep.ports.js';

/** Whether a list shows a disk of ours so that it has to be looked at. */
export const differs = (ours: SweptDisk, disk: CloudDisk): boolean =>
  ours.doubtful ||
  isMarkerLost(disk) ||
  (ours.madeBy !== null && isForeign(disk, ours.madeBy)) ||
  isPassing(disk.status) ||
  disk.status === 'awaiting-transfer' ||
  ours.name !== disk.name ||
  ours.description !== disk.description ||
  ours.sizeGiB !== disk.sizeGiB ||
  ours.type !== disk.type ||
  ours.cloudStatus !== disk.cloudStatus ||
  !sameServers(ours.servers, disk.attachments) ||
  !sameLabels(ours.tags, disk.tags) ||
  Object.entries(ours.metadata).some(([key, value]) => disk.metadata[key] !== value);

const sameLabels = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);

const sameServers = (servers: readonly string[], attachments: CloudDisk['attachments']): boolean =>
  servers.length === attachments.length && attachments.every(({ serverId }) => servers.includes(serverId));
