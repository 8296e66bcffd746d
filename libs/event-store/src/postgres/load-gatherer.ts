import type { Pool } from 'pg';
import type { Loaded, LoadRequest } from '../event-store.js';
import { grantsOf } from './grants.js';
import { faultOf, unlessUnavailable } from './lane/faults.js';
import type { EventTuple } from './recorded.js';

export interface LoadRow {
  readonly head: string;
  readonly known: Loaded['known'] | null;
  readonly project: Loaded['project'] | null;
  readonly streams: readonly EventTuple[] | null;
}

interface Waiting {
  readonly request: LoadRequest;
  /** Its neighbours failed with it: it travels by itself. */
  readonly alone: boolean;
  resolve(row: LoadRow): void;
  reject(error: unknown): void;
}

/** Statements of loads at a time; what comes meanwhile is gathered into the next… */
const statementsAtOnce = 2;
/** …but waits for them no longer than this: a long stream must not hold up the others. */
const patienceMs = 10;
const loadsPerStatement = 32;
/** A load of more streams, as that of a batch, travels by itself: its neighbours would wait for it. */
const streamsPerStatement = 128;

/**
 * Each call of `load` sets whose eyes read before it reads anything, so that loads of different callers can share a
 * statement: none sees with the grants of another (invariant I6).
 */
const loads = `select l.head, l.known, l.project, l.streams
  from unnest($1::boolean[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bigint[])
    with ordinality as r(sees_all, grants, scope, key, project, streams, up_to, place)
  cross join lateral load(r.sees_all, r.grants::uuid[], r.scope, r.key, r.project, r.streams::text[], r.up_to) l
  order by r.place`;

const arrayText = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

const valuesOf = (requests: readonly LoadRequest[]): readonly unknown[] => {
  const rows = requests.map(({ sight, key, projectId, streams = [], upTo }) => {
    const [seesAll, grants] = grantsOf(sight);
    return [seesAll, arrayText(grants), key?.scope, key?.key, projectId, arrayText(streams), upTo];
  });
  return [0, 1, 2, 3, 4, 5, 6].map((column) => rows.map((row) => row[column]));
};

/** Sends loads that wait at the same time in one statement: most of a small load is its way to the database and back. */
export class LoadGatherer {
  readonly #pool: Pool;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #impatience: NodeJS.Timeout | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  load(request: LoadRequest): Promise<LoadRow> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, alone: false, resolve, reject });
      // What arrives in the same turn of the event loop travels together.
      if (this.#waiting.length === 1) setImmediate(() => this.#send());
    });
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#underWay < statementsAtOnce) this.#sendNext();
    if (this.#waiting.length === 0) return;
    this.#impatience ??= setTimeout(() => {
      this.#impatience = undefined;
      if (this.#waiting.length > 0) this.#sendNext();
      this.#send();
    }, patienceMs);
  }

  #sendNext(): void {
    let [count, streams] = [0, 0];
    for (const { request, alone } of this.#waiting) {
      streams += request.streams?.length ?? 0;
      const isFull = count === loadsPerStatement || streams > streamsPerStatement;
      if (count > 0 && (isFull || alone)) break;
      count += 1;
      if (alone) break;
    }
    void this.#sendTogether(this.#waiting.splice(0, count));
  }

  async #sendTogether(batch: readonly Waiting[]): Promise<void> {
    this.#underWay += 1;
    try {
      const values = valuesOf(batch.map(({ request }) => request));
      const { rows } = await this.#pool.query<LoadRow>({ name: 'loads', text: loads, values: [...values] });
      batch.forEach(({ resolve, reject }, place) => {
        const row = rows[place];
        if (row) resolve(row);
        else reject(new Error('load answered nothing'));
      });
    } catch (cause) {
      this.#failed(batch, cause);
    } finally {
      this.#underWay -= 1;
      this.#send();
    }
  }

  /** One that cannot be carried out (too long a stream, say) must not fail its neighbours. */
  #failed(batch: readonly Waiting[], cause: unknown): void {
    if (batch.length > 1 && faultOf(cause) !== 'unknown-outcome') {
      this.#waiting.unshift(...batch.map((waiting) => ({ ...waiting, alone: true })));
    } else {
      for (const { reject } of batch) reject(unlessUnavailable(cause));
    }
  }
}
