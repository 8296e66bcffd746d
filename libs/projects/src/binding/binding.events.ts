import { Dimension, Limit, newEvent, type EventMaker, type EventOf } from '@strata/kernel';
import { z } from 'zod';

export const CloudKind = z.enum(['evs', 'openstack']);
export type CloudKind = z.infer<typeof CloudKind>;

/** How a cloud project is reached. Of the credentials only the reference to a secret, never the secret. */
const Access = z.strictObject({
  name: z.string(),
  kind: CloudKind,
  region: z.string(),
  endpoints: z.record(z.string(), z.string()),
  cloudProjectId: z.string(),
  credentials: z.strictObject({ ref: z.string() }),
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
