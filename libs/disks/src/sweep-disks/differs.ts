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
  !sameTraits(ours.traits, disk) ||
  !sameLabels(ours.tags, disk.tags) ||
  !sameLabels(ours.metadata, disk.metadata);

const sameLabels = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);

const sameTraits = (a: SweptDisk['traits'], b: SweptDisk['traits']): boolean =>
  a.bootable === b.bootable &&
  a.shareable === b.shareable &&
  a.encrypted === b.encrypted &&
  a.readOnly === b.readOnly &&
  a.attachments.length === b.attachments.length &&
  a.attachments.every(({ serverId, device }) =>
    b.attachments.some((other) => other.serverId === serverId && other.device === device),
  );
