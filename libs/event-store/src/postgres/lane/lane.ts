import { type Append, LaneUnavailable, type Verdict } from '../../append.js';
import { LaneConnection, type LaneConnectionOptions } from './lane-connection.js';
import { LaneOutage } from './lane-outage.js';
import { type PreparedAppend, prepareAppend } from './prepare.js';

/** Bounds of one batch, and of what may wait for the next. */
export interface LaneBounds {
  readonly batchAppends: number;
  readonly batchEvents: number;
  readonly batchBytes: number;
  readonly waitingAppends: number;
  readonly waitingBytes: number;
}

export const laneBounds: LaneBounds = {
  batchAppends: 500,
  batchEvents: 2_000,
  batchBytes: 1_048_576,
  waitingAppends: 5_000,
  waitingBytes: 16 * 1_048_576,
};

interface Waiting {
  readonly prepared: PreparedAppend;
  resolve(verdict: Verdict): void;
  reject(error: Error): void;
}

/** The commit lane of one process: while one batch is under way it gathers the next. */
export class Lane {
  readonly #connection: LaneConnection;
  readonly #bounds: LaneBounds;
  readonly outage = new LaneOutage();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    options: LaneConnectionOptions,
    bounds: LaneBounds = laneBounds,
    /** Told of each batch, how many appends it has. */
    private readonly onBatch: (appends: number) => void = () => undefined,
  ) {
    this.#connection = new LaneConnection(options);
    this.#bounds = bounds;
  }

  /** @throws LaneUnavailable beyond the bound on what waits; InvalidAppend for what cannot be stored. */
  async append(append: Append): Promise<Verdict> {
    if (this.#closed) throw new LaneUnavailable('the process is stopping', 1);
    const prepared = prepareAppend(append);
    const { waitingAppends, waitingBytes } = this.#bounds;
    if (this.#waiting.length >= waitingAppends || this.#waitingBytes + prepared.bytes > waitingBytes) {
      throw new LaneUnavailable('too many appends wait for the commit lane', 1);
    }
    return new Promise<Verdict>((resolve, reject) => {
      this.#waiting.push({ prepared, resolve, reject });
      this.#waitingBytes += prepared.bytes;
      this.#running ??= this.#run();
    });
  }

  /** Sends what waits, then ends the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.#connection.close();
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the event loop travels together.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      this.onBatch(batch.length);
      const outcomes = await this.#connection.send(batch.map(({ prepared }) => prepared));
      this.outage.saw(outcomes);
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (outcome && 'verdict' in outcome) resolve(outcome.verdict);
        else reject(outcome?.error ?? new Error('the lane lost an append'));
      });
      const failed = outcomes.find((outcome) => 'error' in outcome && outcome.error instanceof LaneUnavailable);
      if (failed && 'error' in failed) this.#refuseWaiting(failed.error);
    }
    this.#running = undefined;
  }

  /** From the front of the queue as much as the bounds allow. An append with changes of the tree travels alone. */
  #next(): readonly Waiting[] {
    const { batchAppends, batchEvents, batchBytes } = this.#bounds;
    let [count, events, bytes] = [0, 0, 0];
    for (const { prepared } of this.#waiting) {
      const isFull =
        count >= batchAppends || events + prepared.events > batchEvents || bytes + prepared.bytes > batchBytes;
      if (count > 0 && (isFull || prepared.changes !== null)) break;
      count += 1;
      events += prepared.events;
      bytes += prepared.bytes;
      if (prepared.changes !== null) break;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  /** The database is gone: who waits learns it now, not each after a time-out of his own. */
  #refuseWaiting(error: Error): void {
    const refused = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { reject } of refused) reject(error);
  }
}
