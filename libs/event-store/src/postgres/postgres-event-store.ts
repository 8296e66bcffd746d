import pg from 'pg';
import type { ProjectId, StreamId } from '@strata/kernel';
import type { Append, RecordedEvent, Verdict } from '../append.js';
import { EventStore, type Loaded, type LoadedStream, type LoadRequest, type Sight } from '../event-store.js';
import type { EventTypes } from '../event-types.js';
import type { TailScope, TailSeat } from '../tail-seat.js';
import { grantsOf } from './grants.js';
import { HoldBack } from './hold-back.js';
import { unlessUnavailable } from './lane/faults.js';
import { WRITE_PROBE } from './lane/lane-outage.js';
import { Lane, laneBounds, type LaneBounds } from './lane/lane.js';
import { LoadGatherer } from './load-gatherer.js';
import { LogGrowth } from './log-growth.js';
import { type EventRow, type EventTuple, RECORDED_COLUMNS, recordedFrom, recordedFromTuple } from './recorded.js';
import { SharedTail } from './tail/shared-tail.js';
import { readTail } from './tail/tail-read.js';

export interface PostgresEventStoreOptions {
  /** As strata_api or strata_worker. */
  readonly url: string;
  /** For LISTEN, when a pooler stands before `url`. */
  readonly directUrl?: string | undefined;
  /** Connections for reading. */
  readonly poolSize?: number;
  /** The event types of this process; without them events are returned as they were recorded. */
  readonly types?: EventTypes | undefined;
  readonly bounds?: LaneBounds;
  readonly statementTimeoutMs?: number;
  readonly resendForMs?: number;
  readonly pollMs?: number;
  /** How long an event type is held back before its followers are asked again. */
  readonly askAgainMs?: number;
  /** Told when a follower does not know an event type that is about to be emitted, once for each time it is asked. */
  readonly onHeldBack?: (types: readonly string[]) => void;
  /** Told how many appends go into the lane together, each time. */
  readonly onBatch?: (appends: number) => void;
}

/** A pool whose statements and idle transactions the server ends by itself. */
export const readPool = (url: string, size: number, statementTimeoutMs: number): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    application_name: 'strata-read',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
  });
  pool.on('error', () => undefined); // an idle connection was lost: the next query takes another one
  // One that somebody has says so by an event between two queries, which ends the process unless it is heard; the next query fails.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

/** The log in PostgreSQL (docs/architecture.md, "The log and its commit lane"). */
export class PostgresEventStore extends EventStore {
  readonly #pool: pg.Pool;
  readonly #loads: LoadGatherer;
  readonly #lane: Lane;
  readonly #holdBack: HoldBack;
  readonly #growth: LogGrowth;
  readonly #types: EventTypes | undefined;
  readonly #tail: SharedTail;

  constructor(options: PostgresEventStoreOptions) {
    super();
    const {
      url,
      directUrl,
      poolSize = 10,
      statementTimeoutMs = 10_000,
      resendForMs = 10_000,
      pollMs = 1_000,
      askAgainMs = 3_000,
      bounds = laneBounds,
    } = options;
    this.#pool = readPool(url, poolSize, statementTimeoutMs);
    this.#loads = new LoadGatherer(this.#pool);
    this.#lane = new Lane({ url, statementTimeoutMs, resendForMs }, bounds, options.onBatch);
    this.#holdBack = new HoldBack({
      pool: this.#pool,
      askAgainMs,
      mostWaiting: bounds.waitingAppends,
      onHeldBack: options.onHeldBack,
    });
    this.#growth = new LogGrowth({ url: directUrl ?? url, pollMs, head: async () => (await this.head()).position });
    this.#types = options.types;
    this.#tail = new SharedTail({
      growth: this.#growth,
      head: () => this.head(),
      read: (after, most, wanted) => readTail((query) => this.#query(query), after, most, wanted),
      today: (event) => this.#today(event),
    });
  }

  /** The pool for reads of the same role; under row-level security, so it shows nothing until grants are set. */
  get pool(): pg.Pool {
    return this.#pool;
  }

  async load(request: LoadRequest): Promise<Loaded> {
    const { streams = [] } = request;
    const row = await this.#loads.load(request);
    const head = Number(row.head);
    this.#growth.heard(head);
    return {
      project: row.project ?? undefined,
      known: row.known ?? undefined,
      streams: this.#byStream(streams, row.streams ?? []),
      head,
    };
  }

  async append(append: Append): Promise<Verdict> {
    const verdict = await this.#holdBack.emit(append, () => this.#lane.append(append));
    if (verdict.status === 'committed') this.#growth.heard(verdict.position);
    return verdict;
  }

  async read(request: {
    readonly sight: Sight;
    readonly after: number;
    readonly limit: number;
    readonly projectId?: ProjectId | undefined;
    readonly operationId?: string | undefined;
    readonly upTo?: number | undefined;
  }): Promise<readonly RecordedEvent[]> {
    const { sight, after, limit, projectId, operationId, upTo } = request;
    const rows = await this.#query<EventRow>({
      name: 'read_log',
      text: `select ${RECORDED_COLUMNS} from read_log($1,$2,$3,$4,$5,$6,$7)`,
      values: [...grantsOf(sight), after, limit, projectId, operationId, upTo],
    });
    return rows.map((row) => this.#today(recordedFrom(row)));
  }

  async head() {
    const rows = await this.#query<{ head: string; incarnation: string; recorded_at: string | null }>({
      name: 'log_head',
      text: `select coalesce(e.position, 0) as head, l.incarnation,
          to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at
        from log l left join log_end e on true`,
    });
    const row = rows[0];
    if (!row) throw new Error('the database has no log: migrate it first');
    const position = Number(row.head);
    this.#growth.heard(position);
    return { position, incarnation: row.incarnation, recordedAt: row.recorded_at };
  }

  async positionAt(time: Date): Promise<number> {
    const rows = await this.#query<{ position: string }>({
      name: 'log_position_at',
      text: `select log_position_at($1::timestamptz + interval '999 microseconds') as position`,
      values: [time.toISOString()],
    });
    return Number(rows[0]?.position ?? 0);
  }

  grownPast(position: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.#growth.past(position, timeoutMs, signal);
  }

  tail(scope: TailScope): TailSeat {
    return this.#tail.seat(scope);
  }

  /** Why appends do not get through now, for whoever operates this; undefined while they do. */
  whyNotWritable(): Promise<string | undefined> {
    return this.#lane.outage.why(() => this.#pool.query(WRITE_PROBE));
  }

  /** Sends what waits in the lane, then ends all connections. */
  async close(): Promise<void> {
    await this.#tail.close();
    await this.#growth.close();
    await this.#holdBack.answered();
    await this.#lane.close();
    await this.#pool.end();
  }

  async #query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(query)).rows;
    } catch (cause) {
      throw unlessUnavailable(cause);
    }
  }

  #today(event: RecordedEvent): RecordedEvent {
    return this.#types ? this.#types.upcast(event) : event;
  }

  #byStream(streams: readonly StreamId[], tuples: readonly EventTuple[]): readonly LoadedStream[] {
    const found = new Map(streams.map((stream) => [stream, [] as RecordedEvent[]]));
    for (const tuple of tuples) {
      const event = recordedFromTuple(tuple);
      found.get(event.stream)?.push(this.#today(event));
    }
    return streams.map((stream) => {
      const events = found.get(stream) ?? [];
      return { stream, version: events.at(-1)?.version ?? 0, events };
    });
  }
}
