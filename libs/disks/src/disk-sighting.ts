import type { CloudDisk, CloudFault } from '@strata/cloud';
import type { JsonObject } from '@strata/kernel';
import { z } from 'zod';
import { DiskSighting, StateSeen } from './disk/disk.events.js';

/** Leaves out what the log does not keep. */
const Kept = z.object(DiskSighting.shape);

/** What the cloud shows, as the log keeps it. */
export const sightingOf = (disk: CloudDisk): DiskSighting => Kept.parse(disk);

/** A fault told by a state instead of a job. */
export const stateFault = (disk: CloudDisk): CloudFault => ({
  code: disk.cloudStatus,
  message: `the disk is in state ${disk.cloudStatus}`,
  requestId: null,
});

/** What work left in an error state, as its carrier has just seen it, for the rules of its kind. */
export const brokenAs = ({ status, cloudStatus }: CloudDisk): JsonObject => ({
  broken: true,
  seen: { condition: status, cloudStatus },
});

const Broken = z.object({ seen: StateSeen });

/** How the carrier saw it; nothing where it did not look. */
export const seenIn = (left: JsonObject): { readonly seen?: StateSeen } => {
  const told = Broken.safeParse(left);
  return told.success ? { seen: told.data.seen } : {};
};
