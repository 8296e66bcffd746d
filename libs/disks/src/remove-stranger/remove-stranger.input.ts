import { FindingId } from '@strata/kernel';
import { z } from 'zod';
import { Evidence } from '../finding/index.js';

/** `input` of `finding.remove`: what was approved to be removed, as it was then. */
export const RemoveStrangerInput = z.object({
  findingId: FindingId,
  cloudId: z.string(),
  resource: z.enum(['disk', 'snapshot']),
  seen: Evidence.shape.cloud.unwrap(),
});
export type RemoveStrangerInput = z.infer<typeof RemoveStrangerInput>;
