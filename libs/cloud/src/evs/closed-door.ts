import type { CloudFault } from '../disk-cloud.js';

/** Why nobody gets in, so that nothing can have been sent. */
export interface NoEntry {
  readonly ok: false;
  readonly why: 'throttled' | 'unavailable' | 'unauthenticated';
  readonly fault: CloudFault;
  readonly retryAfterMs: number | null;
}

const minute = 60_000;
/** Between two tries: first, and at most. Wrong passwords lock the user (EVS reference §8.1), so they wait longest. */
const backOff = {
  unauthenticated: { firstMs: minute, mostMs: 15 * minute },
  throttled: { firstMs: minute, mostMs: 15 * minute },
  unavailable: { firstMs: 500, mostMs: 10_000 },
} as const;

/** Keeps everyone from trying again too soon after the cloud turned one away; each time in a row for longer. */
export class ClosedDoor {
  #closed: { readonly untilMs: number; readonly answer: NoEntry } | null = null;
  #failures = 0;

  constructor(private readonly nowMs: () => number) {}

  /** What to tell whoever comes now; null while the door is open. */
  get answer(): NoEntry | null {
    const now = this.nowMs();
    if (this.#closed === null || now >= this.#closed.untilMs) return null;
    return { ...this.#closed.answer, retryAfterMs: Math.ceil(this.#closed.untilMs - now) };
  }

  close(answer: NoEntry): NoEntry {
    const { firstMs, mostMs } = backOff[answer.why];
    const waitMs = answer.retryAfterMs ?? Math.min(firstMs * 2 ** Math.min(this.#failures, 20), mostMs);
    this.#failures += 1;
    this.#closed = { untilMs: this.nowMs() + waitMs, answer };
    return { ...answer, retryAfterMs: Math.ceil(waitMs) };
  }

  open(): void {
    this.#closed = null;
  }

  /** Somebody got in: the next failure is the first again. */
  forgetFailures(): void {
    this.#failures = 0;
  }
}
