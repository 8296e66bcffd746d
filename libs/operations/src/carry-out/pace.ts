import type { Shown } from '@strata/queue';

/** What is done this soon is looked at in the same step: coming back costs more than a look that is a little early. */
const atOnceMs = 50;

/** From so many on in one binding, one list that shows them all costs less than a look at each. */
const fewInTheCloud = 5;

/** What the list follows is looked at by itself after this long at the earliest. */
const lateMs = 60_000;

/**
 * When to look next. Durations are learnt per kind and binding. The first look comes a little before the work is usually
 * done, so that the estimate finds its way down too; each later one when half as much again has passed. Two looks are usual.
 */
export class Pace {
  private readonly learntMs = new Map<string, number>();

  constructor(
    private readonly firstGuessMs: number,
    private readonly longestMs: number,
  ) {}

  /** Quick to believe that the cloud is faster than thought, slow to believe that it is slower. */
  learn(key: string, tookMs: number): void {
    const known = this.learntMs.get(key) ?? this.firstGuessMs;
    this.learntMs.set(key, known + (tookMs - known) * (tookMs < known ? 0.5 : 0.2));
  }

  /**
   * How the list of many follows what it shows `as` that. With a guess that was learnt the second look of one by itself is
   * usually its last: so many it has before the list takes over. Then it is due late, and later each time, only in case the
   * list does not tell.
   */
  shown(key: string, as: string, looks: number, pendingForMs: number): Shown {
    const learntMs = this.learntMs.get(key);
    const fromMany = looks < (learntMs === undefined ? 1 : 2) ? fewInTheCloud : 1;
    return { as, fromMany, dueInMs: Math.round(Math.max(lateMs, 2 * (learntMs ?? 0), pendingForMs)) };
  }

  /** In ms from now, for something that has been pending for `pendingForMs`. 0 means: look at once. */
  nextLookInMs(key: string, pendingForMs: number): number {
    const firstLookMs = (this.learntMs.get(key) ?? this.firstGuessMs) * 0.8;
    if (pendingForMs === 0 && firstLookMs < atOnceMs) return 0;
    const waitMs = pendingForMs < firstLookMs ? firstLookMs - pendingForMs : pendingForMs * 0.5;
    return Math.min(Math.max(waitMs, atOnceMs), this.longestMs);
  }
}

/** Exponential, from one second to five minutes, with jitter so that what was refused together does not return together. */
export const backOffMs = (tries: number, random: () => number): number =>
  Math.min(1000 * 2 ** Math.min(tries, 9), 300_000) * (0.5 + random() * 0.5);
