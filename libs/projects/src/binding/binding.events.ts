import { Dimension, Limit, newEvent, type EventMaker, type EventOf } from '@strata/kernel';
import { z } from 'zod';

export const CloudKind = z.enum(['evs', 'openstack']);
export type CloudKind = z.infer<typeof CloudKind>;

/** By which call a cloud rolls back: one of the two that the manual of EVS names, Cinder's own, or none. */
export const RollbackFeature = z.enum(['cloudsnapshots', 'os-vendor-snapshots', 'revert', 'off']);
export type RollbackFeature = z.infer<typeof RollbackFeature>;

const Features = z.strictObject({ rollback: RollbackFeature });

/** How a cloud project is reached. Of the credentials only the reference to a secret, never the secret. */
const Access = z.strictObject({
  name: z.string(),
  kind: CloudKind,
  region: z.string(),
  endpoints: z.record(z.string(), z.string()),
  cloudProjectId: z.string(),
  credentials: z.strictObject({ ref: z.string() }),
  /** Absent: what clouds of the kind offer as a rule. */
  features: Features.exactOptional(),
});
export type Access = z.infer<typeof Access>;

const CloudFigures = z.strictObject({
  dimension: Dimension,
  /** What the cloud grants. */
  limit: Limit,
  /** In the cloud and not ours. */
  usedByOthers: z.int().min(0),
});
export type CloudFigures = z.infer<typeof CloudFigures>;

/** Every event of a binding's stream with the schema of each version ever written. */
export const bindingEventSchemas = {
  BindingAdded: { 1: Access },
  BindingChanged: { 1: Access },
  BindingRemoved: { 1: z.strictObject({}) },
  CloudQuotaObserved: { 1: z.strictObject({ dimensions: z.array(CloudFigures) }) },
} as const;

export type BindingEvent = EventOf<typeof bindingEventSchemas>;

export const bindingEvent: EventMaker<typeof bindingEventSchemas> = newEvent;
