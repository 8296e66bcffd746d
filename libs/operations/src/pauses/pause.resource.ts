import type { RecordedEvent } from '@strata/event-store';
import { BindingId, PauseId, ProjectId } from '@strata/kernel';
import { inMilliseconds } from '@strata/projects';
import { z } from 'zod';
import type { PauseEvent } from '../pause/index.js';

const Time = z.iso.datetime({ precision: 3 });

export const PauseResource = z
  .strictObject({
    id: PauseId,
    projectId: ProjectId.nullable(),
    bindingId: BindingId.nullable(),
    kind: z.string().nullable(),
    reason: z.string(),
    until: Time,
    /** Operations that wait for it to end; null of the past. */
    held: z.int().nullable(),
    actor: z.strictObject({ id: z.string() }),
    createdAt: Time,
    version: z.int(),
  })
  .meta({ id: 'Pause' });
export type PauseResource = z.infer<typeof PauseResource>;

/** All that the log tells of a pause in force. */
export type PauseRecord = Omit<PauseResource, 'held'>;

/** Handled events arrive in today's shape. */
const factOf = (event: RecordedEvent) => event as unknown as PauseEvent;

/** Undefined when it has ended, or never began. */
export const pauseAfter = (event: RecordedEvent): PauseRecord | undefined => {
  const fact = factOf(event);
  if (fact.type === 'PauseEnded') return undefined;
  const { pauseId, scope, kind, reason, until } = fact.data;
  const actor = { id: event.meta.actorId };
  const createdAt = inMilliseconds(event.recordedAt);
  return { id: pauseId, ...scope, kind, reason, until, actor, createdAt, version: event.version };
};

export const pauseIn = (events: readonly RecordedEvent[]): PauseRecord | undefined =>
  events.reduce<PauseRecord | undefined>((_before, event) => pauseAfter(event), undefined);
