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
