import { setTimeout as pause } from 'node:timers/promises';

/** At most so many requests per second, evenly spread. */
export class RequestBudget {
  private nextAtMs = 0;

  constructor(
    private readonly perSecond: number,
    private readonly nowMs: () => number,
  ) {}

  /** Resolves when it is this request's turn. Rejects when aborted. */
  async turn(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const now = this.nowMs();
    const at = Math.max(now, this.nextAtMs);
    this.nextAtMs = at + 1000 / this.perSecond;
    if (at <= now) return;
    await pause(at - now, undefined, signal && { signal });
  }
}

/** One budget for each binding, whatever asks it for: a cloud counts requests, not reasons. */
export class RequestBudgets {
  private readonly known = new Map<string, RequestBudget>();

  constructor(
    private readonly perSecond: number,
    private readonly nowMs: () => number,
  ) {}

  of(bindingId: string): RequestBudget {
    const known = this.known.get(bindingId) ?? new RequestBudget(this.perSecond, this.nowMs);
    this.known.set(bindingId, known);
    return known;
  }
}
