/**
 * When to look next. Durations are learnt per kind and binding, so that the first look comes when half of the work is
 * usually done, and each later one when half as much again has passed: few looks, whatever the cloud's mood.
 */
export class Pace {
  private readonly learntMs = new Map<string, number>();

  constructor(
    private readonly firstGuessMs: number,
    private readonly longestMs: number,
  ) {}

  learn(key: string, tookMs: number): void {
    const known = this.learntMs.get(key);
    this.learntMs.set(key, known === undefined ? tookMs : known + (tookMs - known) * 0.2);
  }

  /** In ms from now, for something that has been pending for `pendingForMs`. 0 means: look at once. */
  nextLookInMs(key: string, pendingForMs: number): number {
    const usualMs = this.learntMs.get(key) ?? this.firstGuessMs;
    const waitMs = pendingForMs < usualMs ? usualMs - pendingForMs : Math.max(pendingForMs * 0.5, 100);
    return waitMs < 10 ? 0 : Math.min(waitMs, this.longestMs);
  }
}

/** Exponential, from one second to five minutes, with jitter so that what was refused together does not return together. */
export const backOffMs = (tries: number, random: () => number): number =>
  Math.min(1000 * 2 ** Math.min(tries, 9), 300_000) * (0.5 + random() * 0.5);
