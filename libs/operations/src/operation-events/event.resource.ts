import type { RecordedEvent } from '@strata/event-store';
import { JsonValue, type JsonObject } from '@strata/kernel';
import { inMilliseconds } from '@strata/projects';
import { z } from 'zod';

const Json: z.ZodType<JsonObject> = z.record(z.string(), JsonValue);

export const EventResource = z
  .strictObject({
    position: z.int(),
    id: z.uuid(),
    type: z.string(),
    schemaVersion: z.int(),
    stream: z.string(),
    version: z.int(),
    projectId: z.uuid(),
    data: Json,
    charges: z.array(
      z.strictObject({ dimension: z.string(), held: z.int(), used: z.int(), releasing: z.int() }).readonly(),
    ),
    /** Who that is stands elsewhere, where it can be forgotten. */
    actor: z.strictObject({ id: z.string() }),
    operationId: z.uuid().nullable(),
    causationId: z.string().nullable(),
    correlationId: z.string().nullable(),
    /** `X-Request-Id` of the request that wrote it. Null: no request did, as of what a worker reports. */
    requestId: z.string().nullable(),
    recordedAt: z.iso.datetime({ precision: 3 }),
    /** Of the chain: SHA-256 over the hash before, the position, the time and the content; hex. */
    hash: z.string(),
  })
  .meta({ id: 'Event' });
export type EventResource = z.infer<typeof EventResource>;

export const showEvent = (event: RecordedEvent): EventResource => {
  const { position, id, type, schemaVersion, stream, version, projectId, data, charges, meta, hash } = event;
  const { actorId, operationId = null, causationId = null, correlationId = null, requestId = null } = meta;
  return {
    position,
    id,
    type,
    schemaVersion,
    stream,
    version,
    projectId,
    data,
    charges: [...charges],
    actor: { id: actorId },
    operationId,
    causationId,
    correlationId,
    requestId,
    recordedAt: inMilliseconds(event.recordedAt),
    hash,
  };
};
