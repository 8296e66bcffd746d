import { setTimeout as pause } from 'node:timers/promises';
import { LaneUnavailable, type RecordedEvent } from '../../append.js';
import type { TailScope, TailSeat } from '../../tail-seat.js';
import type { LogGrowth } from '../log-growth.js';
import { Seat, type Table } from './seat.js';
import { Seating } from './seating.js';
import type { TailPiece, Wanted } from './tail-read.js';

export interface TailBounds {
  /** Positions of the log in one read. */
  readonly mostRead: number;
  /** Events kept for one reader; not less than `mostRead`, or no reader could take a full read. */
  readonly mostKept: number;
  /** A busy log grows all the time: from one read to the next at least so long, unless more is known to be there. */
  readonly betweenReadsMs: number;
  /** A wake-up that was lost costs at most this. */
  readonly lookEveryMs: number;
  /** The log was heard to be further than it is: it was restored to an earlier point. It is looked at again after this. */
  readonly heardTooFarMs: number;
  readonly retry: { readonly firstMs: number; readonly maximumMs: number };
}

export const tailBounds: TailBounds = {
  mostRead: 250,
  mostKept: 500,
  betweenReadsMs: 20,
  lookEveryMs: 5_000,
  heardTooFarMs: 1_000,
  retry: { firstMs: 100, maximumMs: 5_000 },
};

export interface TailSource {
  head(): Promise<{ readonly position: number; readonly incarnation: string }>;
  read(after: number, most: number, wanted: Wanted): Promise<TailPiece>;
  readonly growth: LogGrowth;
  today(event: RecordedEvent): RecordedEvent;
}

interface Place {
  readonly position: number;
  readonly incarnation: string;
}

/**
 * Reads the log once as it grows, for everybody in the process who waits for events, and only while somebody does. Each
 * seat begins at a position up to which nothing was read yet in its favour, so that its reader, having read the log up to
 * there, misses nothing and can tell by positions what it knows.
 */
export class SharedTail implements Table {
  readonly #source: TailSource;
  readonly #bounds: TailBounds;
  readonly #seating = new Seating();
  /** They came while a read was under way that does not look for what they want. */
  readonly #joining = new Set<Seat>();
  #place: Place | undefined;
  #reading = false;
  #running: Promise<void> | undefined;
  #rest = new AbortController();
  #failures = 0;
  #closed = false;

  constructor(source: TailSource, bounds: TailBounds = tailBounds) {
    this.#source = source;
    this.#bounds = bounds;
  }

  get mostKept(): number {
    return this.#bounds.mostKept;
  }

  today(event: RecordedEvent): RecordedEvent {
    return this.#source.today(event);
  }

  seat(scope: TailScope): TailSeat {
    return new Seat(scope, this);
  }

  admit(seat: Seat): void {
    if (this.#closed) return seat.close();
    this.#joining.add(seat);
    if (!this.#reading) this.#seatAll();
    this.#running ??= this.#run();
  }

  dismiss(seat: Seat): void {
    this.#joining.delete(seat);
    this.#seating.remove(seat);
    if (!this.#isWanted) this.#rest.abort();
  }

  /** Ends what is told, and resolves when nothing is read any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rest.abort();
    for (const seat of this.#everybody()) seat.close();
    await this.#running;
  }

  get #isWanted(): boolean {
    return this.#seating.size > 0 || this.#joining.size > 0;
  }

  #everybody(): readonly Seat[] {
    const seats = [...this.#seating.clear(), ...this.#joining];
    this.#joining.clear();
    return seats;
  }

  async #run(): Promise<void> {
    while (this.#isWanted && !this.#closed) {
      this.#rest = new AbortController();
      try {
        const begun = { atMs: performance.now(), heard: this.#source.growth.known };
        const told = await this.#read();
        this.#failures = 0;
        if (told < this.#bounds.mostRead) await this.#untilGrown(told, begun);
      } catch (error) {
        await this.#failed(error);
      }
    }
    this.#place = undefined;
    this.#failures = 0;
    this.#running = undefined;
  }

  /** How many positions were told. */
  async #read(): Promise<number> {
    this.#reading = true;
    try {
      const { incarnation, position } = (this.#place ??= await this.#source.head());
      this.#seatAll();
      const piece = await this.#source.read(position, this.#bounds.mostRead, this.#seating.wanted);
      if (piece.incarnation !== incarnation) {
        this.#place = undefined;
        for (const seat of this.#seating.clear()) this.#joining.add(seat);
        return this.#bounds.mostRead;
      }
      for (const event of piece.events) this.#seating.offer(event);
      this.#place = { incarnation, position: Math.max(position, piece.through) };
      this.#seatAll();
      return this.#place.position - position;
    } finally {
      this.#reading = false;
    }
  }

  #seatAll(): void {
    const place = this.#place;
    if (!place) return;
    for (const seat of this.#joining) {
      this.#seating.add(seat);
      seat.begin(place.position, place.incarnation);
    }
    this.#joining.clear();
  }

  /** What was heard of after the read had begun it may have missed; before, it should have found. */
  async #untilGrown(told: number, begun: { readonly atMs: number; readonly heard: number }): Promise<void> {
    const { betweenReadsMs, heardTooFarMs, lookEveryMs } = this.#bounds;
    const position = this.#place?.position ?? 0;
    const tooFar = told === 0 && begun.heard > position;
    if (tooFar) return this.#pause(heardTooFarMs);
    await this.#source.growth.past(position, lookEveryMs, this.#rest.signal);
    await this.#pause(betweenReadsMs - (performance.now() - begun.atMs));
  }

  /** An outage is waited for; with anything else those who wait could only wait for ever. */
  async #failed(error: unknown): Promise<void> {
    if (!(error instanceof LaneUnavailable)) {
      for (const seat of this.#everybody()) seat.fail(error);
      return;
    }
    const { firstMs, maximumMs } = this.#bounds.retry;
    const wait = Math.min(firstMs * 2 ** Math.min(this.#failures, 16), maximumMs);
    this.#failures += 1;
    await this.#pause(wait * (0.75 + Math.random() / 4));
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await pause(ms, undefined, { signal: this.#rest.signal }).catch(() => undefined);
  }
}
