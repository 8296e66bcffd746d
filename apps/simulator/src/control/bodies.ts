import { z } from 'zod';
import { VOLUME_STATUSES } from '../world/volume.js';

/** The bodies of the simulator's own switches. */

export const ClockBody = z
  .strictObject({
    now: z.iso.datetime({ offset: true }).optional(),
    advanceMs: z.int().min(0).optional(),
    /** How many times as fast as real time; 0 stands still. */
    rate: z.number().min(0).max(100_000).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'one of now, advanceMs, rate is needed')
  .refine(({ now, advanceMs }) => now === undefined || advanceMs === undefined, 'now and advanceMs exclude each other');

export const LatencyBody = z
  .strictObject({ jobMs: z.int().min(0).optional(), requestMs: z.int().min(0).max(600_000).optional() })
  .refine((body) => Object.keys(body).length > 0, 'one of jobMs, requestMs is needed');

export const projectId = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 lower-case hex characters');

export const ProjectBody = z.strictObject({
  name: z.string().min(1).max(64).optional(),
  quota: z.record(z.string(), z.int().min(-1)).optional(),
});

export const ZoneBody = z.strictObject({ available: z.boolean() });

const strings = z.record(z.string(), z.string());

export const DiskBody = z
  .strictObject({
    delete: z.literal(true).optional(),
    name: z.string().max(255).nullable().optional(),
    description: z.string().max(255).nullable().optional(),
    size: z.int().min(1).optional(),
    volumeType: z.string().min(1).optional(),
    status: z.enum(VOLUME_STATUSES).optional(),
    metadata: strings.optional(),
    tags: strings.optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'something to change is needed')
  .refine((body) => body.delete === undefined || Object.keys(body).length === 1, 'delete stands alone');
