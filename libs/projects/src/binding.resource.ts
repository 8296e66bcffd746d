import type { LoadedStream } from '@strata/event-store';
import { BindingId, fold, ProjectId, type StreamId } from '@strata/kernel';
import { z } from 'zod';
import { binding, CloudKind, featuresOf, RollbackFeature, type Binding, type BindingEvent } from './binding/index.js';
import { inMilliseconds } from './reading/as-of.js';

export const BindingResource = z
  .strictObject({
    id: BindingId,
    name: z.string(),
    kind: CloudKind,
    region: z.string(),
    endpoints: z.record(z.string(), z.string()),
    cloudProjectId: z.string(),
    credentials: z.strictObject({ ref: z.string() }),
    /** What its cloud offers beyond what every cloud does. */
    features: z.strictObject({ rollback: RollbackFeature }),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.int(),
  })
  .meta({ id: 'Binding' });
export type BindingResource = z.infer<typeof BindingResource>;

export const bindingStream = (bindingId: BindingId): StreamId => `binding-${bindingId}`;

/** A binding is a node of its own, above all projects: its events belong to it, so that no project's reader sees them. */
export const nodeOf = (bindingId: BindingId): ProjectId => ProjectId.parse(bindingId);

/** The store hands out events in today's shape. */
export const foldBinding = (stream: LoadedStream | undefined): Binding =>
  fold(binding, (stream?.events ?? []) as unknown as readonly BindingEvent[]);

/** Undefined when it is not there, or no longer. */
export const readBinding = (bindingId: BindingId, stream: LoadedStream | undefined): BindingResource | undefined => {
  const state = foldBinding(stream);
  const [first] = stream?.events ?? [];
  const last = stream?.events.at(-1);
  if (state.status !== 'live' || !first || !last) return undefined;
  return {
    id: bindingId,
    ...state.access,
    features: { ...featuresOf(state.access) },
    createdAt: inMilliseconds(first.recordedAt),
    updatedAt: inMilliseconds(last.recordedAt),
    version: last.version,
  };
};
