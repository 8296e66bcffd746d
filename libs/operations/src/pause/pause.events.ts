import { BindingId, newEvent, PauseId, ProjectId, type EventMaker, type EventOf } from '@strata/kernel';
import { z } from 'zod';

/** What is held: all of a project and of the projects below it, or all that goes through a binding. */
const Scope = z.union([
  z.strictObject({ projectId: ProjectId, bindingId: z.null() }),
  z.strictObject({ projectId: z.null(), bindingId: BindingId }),
]);
export type Scope = z.infer<typeof Scope>;

/** Every event of a pause's stream with the schema of each version ever written. */
export const pauseEventSchemas = {
  PauseBegun: {
    1: z.strictObject({
      pauseId: PauseId,
      scope: Scope,
      /** Of operations; null: of every kind. */
      kind: z.string().nullable(),
      /** For those whose operations are held. */
      reason: z.string(),
      /** RFC 3339: it ends by itself then. */
      until: z.string(),
    }),
  },
  PauseEnded: { 1: z.strictObject({ by: z.enum(['command', 'time']) }) },
} as const;

export type PauseEvent = EventOf<typeof pauseEventSchemas>;

export const pauseEvent: EventMaker<typeof pauseEventSchemas> = newEvent;
