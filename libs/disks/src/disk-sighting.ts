import type { CloudDisk, CloudFault } from '@strata/cloud';
import { z } from 'zod';
import { DiskSighting } from './disk/disk.events.js';

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
