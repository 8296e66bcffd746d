/** At most so many requests per second, evenly spread. */
export class RequestBudget {
  private nextAtMs = 0;

  constructor(
    private readonly perSecond: number,
    private readonly nowMs: () => number,
  ) {}

  /** Resolves when it is this request's turn. Rejects when aborted. */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const now = this.nowMs();
    const at = Math.max(now, this.nextAtMs);
    this.nextAtMs = at + 1000 / this.perSecond;
    if (at <= now) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, at - now);
      signal.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason as Error)), { once: true });
    });
  }
}
