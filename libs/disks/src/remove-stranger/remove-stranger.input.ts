import { DiskId, FindingId } from '@strata/kernel';
import { z } from 'zod';
import { Evidence } from '../finding/index.js';

/** `input` of `finding.remove`: what was approved to be removed, as it was then. */
export const RemoveStrangerInput = z.object({
  findingId: FindingId,
  cloudId: z.string(),
  resource: z.enum(['disk', 'snapshot']),
  /** Of a snapshot: the disk of the log that it was taken of. */
  diskId: DiskId.nullable(),
  seen: Evidence.shape.cloud.unwrap(),
});
export type RemoveStrangerInput = z.infer<typeof RemoveStrangerInput>;
