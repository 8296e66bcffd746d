import type { EventStore, RecordedEvent, Sight } from '@strata/event-store';
import { JsonValue, type JsonObject, type ProjectId } from '@strata/kernel';
import { inMilliseconds, projectsInSight, projectsNamedByEvents } from '@strata/projects';
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

/** Other projects that the events name, as far as their reader may view them at the moment: one look for all of them. */
export const namedInSight = (
  store: EventStore,
  sight: Sight,
  events: readonly RecordedEvent[],
): Promise<ReadonlySet<string>> => {
  const named = events.flatMap((event) => membersNaming(event).map((member) => event.data[member]));
  return projectsInSight(store, sight, named.filter((value) => typeof value === 'string') as ProjectId[]);
};

const membersNaming = ({ type }: RecordedEvent): readonly string[] => projectsNamedByEvents[type] ?? [];

/** As an event shows it to who may not view all that it names; its hash is that of the whole. */
const dataInSight = (event: RecordedEvent, inSight: ReadonlySet<string>): JsonObject => {
  const hidden = membersNaming(event).filter((member) => !inSight.has(String(event.data[member])));
  return hidden.length === 0
    ? event.data
    : { ...event.data, ...Object.fromEntries(hidden.map((member) => [member, null])) };
};

export const showEvent = (event: RecordedEvent, inSight: ReadonlySet<string>): EventResource => {
  const { position, id, type, schemaVersion, stream, version, projectId, charges, meta, hash } = event;
  const { actorId, operationId = null, causationId = null, correlationId = null, requestId = null } = meta;
  return {
    position,
    id,
    type,
    schemaVersion,
    stream,
    version,
    projectId,
    data: dataInSight(event, inSight),
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
