import type { Pool } from 'pg';
import type { RecordedEvent } from '../append.js';
import type { FollowerTransaction } from '../follower.js';
import { sqlOn } from './follower-transaction.js';

/** The log does not go on where it should: an event is missing, and nothing that follows may be applied. */
export class GapInLog extends Error {
  override readonly name = 'GapInLog';
  constructor(
    readonly expected: number,
    readonly found: number,
  ) {
    super(`the log goes on at position ${found} where ${expected} was expected`);
  }
}

interface EventRecord {
  readonly position: string;
  readonly id: string;
  readonly stream: RecordedEvent['stream'];
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly project_id: RecordedEvent['projectId'];
  readonly data: RecordedEvent['data'];
  readonly charges: RecordedEvent['charges'] | null;
  readonly meta: RecordedEvent['meta'];
  readonly recorded_at: string;
  readonly hash: string;
}

const columns = `position, id, stream, version, type, schema_version, project_id, data, charges, meta,
  to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at, encode(hash, 'hex') as hash`;

const select = `select ${columns} from events where position > $1 order by position limit $2`;

const selectOfTypes = `select ${columns} from events
  where position > $1 and position <= $2 and type = any($3::text[]) order by position`;

const survey = `select count(*)::int as count, max(position) as last, count(*) filter (where type <> all($3::text[]))::int as unknown
  from events where position > $1 and position <= $1 + $2::bigint`;

const eventOf = (record: EventRecord): RecordedEvent => ({
  position: Number(record.position),
  id: record.id,
  stream: record.stream,
  version: record.version,
  type: record.type,
  schemaVersion: record.schema_version,
  projectId: record.project_id,
  data: record.data,
  charges: record.charges ?? [],
  meta: record.meta,
  recordedAt: record.recorded_at,
  hash: record.hash,
});

const assertContiguous = (after: number, events: readonly RecordedEvent[]): void => {
  let expected = after + 1;
  for (const { position } of events) {
    if (position !== expected) throw new GapInLog(expected, position);
    expected += 1;
  }
};

/** At most `limit` events after a position, as written. @throws GapInLog */
export const readLog = async (
  db: FollowerTransaction,
  after: number,
  limit: number,
): Promise<readonly RecordedEvent[]> => {
  const records = await db.query<EventRecord>(select, [after, limit]);
  const events = records.map(eventOf);
  assertContiguous(after, events);
  return events;
};

/** Consecutive events of the log, of which a reader was given those that it handles. */
export interface Stretch {
  readonly events: readonly RecordedEvent[];
  /** Of the last event of the stretch, whether handled or not. */
  readonly to: number;
}

/**
 * At most `limit` events after a position. Those that the reader ignores are counted in the database and not sent, which
 * is most of a rebuild's work; where the stretch has a gap or a type that the reader does not know, it is read whole, so
 * that the reader meets the fault at its place. @throws GapInLog
 */
export const readStretch = async (
  db: FollowerTransaction,
  after: number,
  limit: number,
  { handles, ignores }: { readonly handles: readonly string[]; readonly ignores: readonly string[] },
): Promise<Stretch> => {
  const known = [...handles, ...ignores];
  const [found] = await db.query<{ count: number; last: string | null; unknown: number }>(survey, [
    after,
    limit,
    known,
  ]);
  const last = Number(found?.last ?? after);
  if (last === after || found?.count !== last - after || found.unknown > 0) {
    const events = await readLog(db, after, limit);
    return { events, to: after + events.length };
  }
  const records = await db.query<EventRecord>(selectOfTypes, [after, last, handles]);
  return { events: records.map(eventOf), to: last };
};

/** So many of the newest events are kept: what comes while the views of a busy process gather. */
const mostKept = 2_000;

/**
 * The log in order, as written (not upcast: each reader decodes what it handles). Followers of one process stand near the
 * same place, some of them hundreds of events behind the others, so what one of them read serves all.
 */
export class LogTail {
  readonly #db: FollowerTransaction;
  readonly #reading = new Map<number, Promise<readonly RecordedEvent[]>>();
  /** Consecutive. */
  #kept: readonly RecordedEvent[] = [];

  constructor(pool: Pool) {
    this.#db = sqlOn(pool);
  }

  /** At most `limit` events after a position; may be fewer than there are, none only at the end. @throws GapInLog */
  async read(after: number, limit: number): Promise<readonly RecordedEvent[]> {
    const at = after + 1 - (this.#kept[0]?.position ?? Infinity);
    if (at >= 0 && at < this.#kept.length) return this.#kept.slice(at, at + limit);
    const under = this.#reading.get(after);
    if (under) return (await under).slice(0, limit);
    const reading = this.#query(after, limit).finally(() => this.#reading.delete(after));
    this.#reading.set(after, reading);
    return reading;
  }

  /**
   * For a follower whose place turned out to be another one than it thought, or that lost the database: the log may have been
   * set back to an earlier moment, and then goes on with other events at the same positions.
   */
  forget(): void {
    this.#kept = [];
  }

  async #query(after: number, limit: number): Promise<readonly RecordedEvent[]> {
    const events = await readLog(this.#db, after, limit);
    this.#keep(after, events);
    return events;
  }

  /** Two reads under way may overlap, and a reader far behind is not followed by the others. */
  #keep(after: number, events: readonly RecordedEvent[]): void {
    const end = this.#kept.at(-1)?.position ?? 0;
    if ((events.at(-1)?.position ?? 0) <= end) return;
    const goesOn = this.#kept.length > 0 && after <= end;
    this.#kept = (goesOn ? [...this.#kept, ...events.slice(end - after)] : events).slice(-mostKept);
  }
}
