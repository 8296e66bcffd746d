import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { RecordedEvent } from '../append.js';
import type { EventStore } from '../event-store.js';
import type { FollowerTransaction } from '../follower.js';
import { pruneCheckpoint, readCheckpoint, registerCheckpoint, takeStep } from './follower-checkpoint.js';
import type { LogTail } from './follower-log.js';
import { clearFault, faultOf, recordFault, standingFault, type FollowerFault } from './follower-state.js';
import { inTransaction, isOutage, sqlOn, Withdrawn } from './follower-transaction.js';

/** What one follower does with events, whatever it is: a projection, or something with an effect of its own. */
export interface Following {
  /**
   * Having caught up, it lets events gather for this long, and up to five times as long while many come: fewer and larger
   * transactions, at the price of as much delay.
   */
  readonly gatherMs: number;
  readonly name: string;
  readonly knows: readonly string[];
  /** Set for a view: its checkpoint is that of the generation in use. */
  readonly generation?: () => Promise<number>;
  readonly checkpoint: (generation: number | undefined) => string;
  /** Whether any of these events has to be handled: past the others the follower steps in one statement. */
  concerns(events: readonly RecordedEvent[]): boolean;
  handle(events: readonly RecordedEvent[], tx: FollowerTransaction, generation: number | undefined): Promise<void>;
  committed(position: number): void;
}

export interface LoopSettings {
  readonly pool: Pool;
  readonly tail: LogTail;
  readonly store: Pick<EventStore, 'grownPast'>;
  readonly batchSize: number;
  /**
   * Between two tries of an event that cannot be handled, ever longer up to `maximumMs`; and of a database that does not answer, up
   * to `outageMs`: everybody waits for what follows when that is back.
   */
  readonly retry: { readonly firstMs: number; readonly maximumMs: number; readonly outageMs: number };
  readonly observer: FollowerObserver;
}

/** For the process's log and metrics. */
export interface FollowerObserver {
  stopped?(follower: string, fault: FollowerFault, cause: unknown): void;
  recovered?(follower: string, position: number): void;
  handled?(follower: string, events: number, position: number): void;
}

/** How long one waits for the log to grow before looking by itself: a lost wake-up costs no more than this. */
const lookEveryMs = 5_000;
/** Someone else is at this follower: enough time for a batch, short enough to take over. */
const otherIsAtItMs = 100;
const stepsBetweenPrunings = 500;
/** While the log grows, a step past what does not concern the follower is left undone for this long: one then does for many. */
const passingMs = 100;
const msPerGathered = 5;
const busyGathersLonger = 5;

interface Place {
  readonly generation: number | undefined;
  readonly checkpoint: string;
  /** Of the checkpoint. */
  readonly position: number;
  /** Read up to here, further than the checkpoint: nothing in between concerns the follower. */
  readonly passed?: { readonly to: number; readonly sinceMs: number };
}

const readTo = ({ position, passed }: Place): number => passed?.to ?? position;

/** One follower in one process: reads, steps, waits; halves its batches before an event that it cannot handle. */
export class FollowerLoop {
  readonly #following: Following;
  readonly #settings: LoopSettings;
  #place: Place | undefined;
  #limit: number;
  #tries = 0;
  #steps = 0;
  #fault: FollowerFault | undefined;

  constructor(following: Following, settings: LoopSettings) {
    this.#following = following;
    this.#settings = settings;
    this.#limit = settings.batchSize;
  }

  get following(): Following {
    return this.#following;
  }

  /** Of this process; another one may have a build that can handle the event. */
  get fault(): FollowerFault | undefined {
    return this.#fault;
  }

  /** Takes over what an earlier process stood before, so that it is cleared when this one gets past it. */
  async prepare(): Promise<void> {
    this.#fault = await standingFault(this.#settings.pool, this.#following.name);
  }

  /** Ends when `signal` is aborted, after the batch under way. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#turn(signal);
      } catch (error) {
        await this.#failed(error, signal);
      }
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { tail, store } = this.#settings;
    const place = (this.#place ??= await this.#find());
    const events = await tail.read(readTo(place), this.#limit);
    const position = readTo(place) + events.length;
    if (position === place.position) return store.grownPast(position, lookEveryMs, signal);
    if (this.#mayPass(place, events)) {
      this.#place = { ...place, passed: { to: position, sinceMs: place.passed?.sinceMs ?? performance.now() } };
      return this.#gather(events, signal);
    }
    if (!(await this.#step(place, events, position))) {
      this.#lostPlace();
      return pauseUnless(signal, otherIsAtItMs);
    }
    const { generation, checkpoint } = place;
    this.#place = { generation, checkpoint, position };
    await this.#advanced(checkpoint, position - place.position, position);
    await this.#gather(events, signal);
  }

  /** The longer, the more there was: of what changes several times in a busy moment only the last state is brought up to date. */
  async #gather({ length }: readonly RecordedEvent[], signal: AbortSignal): Promise<void> {
    const { gatherMs } = this.#following;
    if (gatherMs > 0 && length < this.#limit)
      await pauseUnless(signal, Math.min(gatherMs + length * msPerGathered, gatherMs * busyGathersLonger));
  }

  /** Not while it looks for an event that it cannot handle, and never at the end of the log. */
  #mayPass({ passed }: Place, events: readonly RecordedEvent[]): boolean {
    if (events.length === 0 || this.#limit < this.#settings.batchSize || this.#following.concerns(events)) return false;
    return passed === undefined || performance.now() - passed.sinceMs < passingMs;
  }

  async #find(): Promise<Place> {
    const { pool } = this.#settings;
    const generation = await this.#following.generation?.();
    const checkpoint = this.#following.checkpoint(generation);
    const position = await readCheckpoint(sqlOn(pool), checkpoint);
    if (position !== undefined) return { generation, checkpoint, position };
    await registerCheckpoint(sqlOn(pool), checkpoint);
    return { generation, checkpoint, position: 0 };
  }

  /** Takes the step first: of several processes one goes on, the others find out before they do the work. */
  async #step(place: Place, events: readonly RecordedEvent[], position: number): Promise<boolean> {
    const { name: line } = this.#following;
    const { checkpoint: follower, position: after, generation } = place;
    const step = { follower, line, after, position };
    if (!this.#following.concerns(events)) return takeStep(sqlOn(this.#settings.pool), step, generation);
    try {
      await inTransaction(this.#settings.pool, async (tx) => {
        if (!(await takeStep(tx, step, generation))) throw new Withdrawn();
        await this.#following.handle(events, tx, generation);
      });
      return true;
    } catch (error) {
      if (error instanceof Withdrawn) return false;
      throw error;
    }
  }

  async #advanced(checkpoint: string, events: number, position: number): Promise<void> {
    const { pool, batchSize, observer } = this.#settings;
    this.#limit = Math.min(this.#limit * 2, batchSize);
    this.#tries = 0;
    if (this.#fault && this.#fault.position <= position) {
      this.#fault = undefined;
      await clearFault(pool, this.#following.name, position);
      observer.recovered?.(this.#following.name, position);
    }
    observer.handled?.(this.#following.name, events, position);
    this.#following.committed(position);
    this.#steps += 1;
    if (this.#steps % stepsBetweenPrunings === 0) await pruneCheckpoint(sqlOn(pool), checkpoint);
  }

  /** Smaller and smaller batches show which event it is; then the follower stands before it and tries again, ever slower. */
  async #failed(error: unknown, signal: AbortSignal): Promise<void> {
    const place = this.#place;
    const { maximumMs, outageMs } = this.#settings.retry;
    this.#lostPlace();
    if (!place || isOutage(error)) return this.#backOff(outageMs, signal);
    if (this.#limit > 1) {
      this.#limit = Math.ceil(this.#limit / 2);
      return;
    }
    await this.#stand(faultOf(readTo(place) + 1, error), error);
    return this.#backOff(maximumMs, signal);
  }

  #lostPlace(): void {
    this.#place = undefined;
    this.#settings.tail.forget();
  }

  async #stand(fault: FollowerFault, cause: unknown): Promise<void> {
    const known = this.#fault?.position === fault.position && this.#fault.detail === fault.detail;
    this.#fault = fault;
    if (known) return;
    this.#settings.observer.stopped?.(this.#following.name, fault, cause);
    try {
      await recordFault(this.#settings.pool, this.#following.name, fault);
    } catch {
      // The database is away: the fault stands in this process, and is recorded when it is met again.
      this.#fault = undefined;
    }
  }

  async #backOff(longestMs: number, signal: AbortSignal): Promise<void> {
    const wait = Math.min(this.#settings.retry.firstMs * 2 ** Math.min(this.#tries, 16), longestMs);
    this.#tries += 1;
    await pauseUnless(signal, wait * (0.75 + Math.random() / 2));
  }
}

const pauseUnless = async (signal: AbortSignal, ms: number): Promise<void> => {
  await pause(ms, undefined, { signal }).catch(() => undefined);
};
