import { EventEmitter, once } from 'node:events';
import type { Pool } from 'pg';
import type { RecordedEvent } from '../append.js';
import type { EventStore } from '../event-store.js';
import { sampleId, type SampleEvent } from './sample-disks.js';

const insert = `insert into events (position, id, stream, version, type, schema_version, project_id, data, charges, meta,
    recorded_at, content_hash, hash)
  select (e ->> 'position')::bigint, (e ->> 'id')::uuid, e ->> 'stream', (e ->> 'version')::int, e ->> 'type',
    (e ->> 'schemaVersion')::int, (e ->> 'projectId')::uuid, e -> 'data', null, '{"actorId":"spec"}',
    (e ->> 'recordedAt')::timestamptz, '\\x00', '\\x00'
  from json_array_elements($1::json) as e`;

const begin = Date.parse('2026-11-22T12:00:00Z');
/** A microsecond more with each position, so that no time can be cut to milliseconds unnoticed. */
const recordedAt = (position: number): string =>
  `${new Date(begin + position * 1_000).toISOString().slice(0, -1)}${String(position % 1_000).padStart(3, '0')}Z`;

/** The event as the log holds it. Versions of streams are positions: followers do not look at them. */
export const recorded = (event: SampleEvent, position: number): RecordedEvent => ({
  position,
  id: sampleId(9, position),
  stream: `disk-${event.disk}`,
  version: position,
  type: event.type,
  schemaVersion: event.schemaVersion,
  projectId: event.projectId as RecordedEvent['projectId'],
  data: event.data,
  charges: [],
  meta: { actorId: 'spec' },
  recordedAt: recordedAt(position),
  hash: '00',
});

/** A log whose rows a spec writes itself, so that it can hold what the lane would never write: gaps, unknown types. */
export class WrittenLog implements Pick<EventStore, 'head' | 'grownPast'> {
  readonly #admin: Pool;
  readonly #grown = new EventEmitter().setMaxListeners(0);
  #position = 0;

  /** Needs a role that may write to `events`: the superuser of a test's own server. */
  constructor(admin: Pool) {
    this.#admin = admin;
  }

  /** Answers with the position of the last one. `skip` leaves a hole before the first. */
  async write(events: readonly SampleEvent[], skip = 0): Promise<number> {
    const first = this.#position + skip + 1;
    const rows = events.map((event, index) => recorded(event, first + index));
    await this.#admin.query(insert, [JSON.stringify(rows)]);
    this.#position = first + events.length - 1;
    this.#grown.emit('grown');
    return this.#position;
  }

  head(): ReturnType<EventStore['head']> {
    return Promise.resolve({ position: this.#position, incarnation: 'spec', recordedAt: recordedAt(this.#position) });
  }

  async grownPast(position: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#position > position) return;
    const deadline = AbortSignal.timeout(timeoutMs);
    const ends = signal ? AbortSignal.any([signal, deadline]) : deadline;
    await once(this.#grown, 'grown', { signal: ends }).catch(() => undefined);
  }
}
