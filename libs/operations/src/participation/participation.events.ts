import {
  JsonValue,
  newEvent,
  OperationId,
  ProjectId,
  type EventMaker,
  type EventOf,
  type JsonObject,
} from '@strata/kernel';
import { z } from 'zod';
import { OperationError, Target } from '../operation/operation.events.js';

const Json: z.ZodType<JsonObject> = z.record(z.string(), JsonValue);

/**
 * What a project is told of an operation that another one asked for and that it has a part in. It stands in the project's own
 * events, so that neither has to be shown those of the other.
 */
export const participationEventSchemas = {
  ParticipationBegan: {
    1: z.strictObject({ operationId: OperationId, projectId: ProjectId, kind: z.string(), target: Target }),
  },
  /** `error`: null when it succeeded. */
  ParticipationEnded: { 1: z.strictObject({ result: Json.nullable(), error: OperationError.nullable() }) },
} as const;

export type ParticipationEvent = EventOf<typeof participationEventSchemas>;
export type ParticipationEventOf<Type extends ParticipationEvent['type']> = EventOf<
  typeof participationEventSchemas,
  Type
>;

export const participationEvent: EventMaker<typeof participationEventSchemas> = newEvent;
