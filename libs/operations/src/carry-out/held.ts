import type { Hold } from '@strata/queue';

/**
 * How much of a stretch of time pauses have held, in ms; where several did, it counts once. From the log alone: a schedule that
 * was lost and made anew gives the same.
 */
export const heldWithinMs = (holds: readonly Hold[], fromMs: number, toMs: number): number => {
  let heldMs = 0;
  let reachedMs = fromMs;
  for (const { sinceMs, untilMs } of holds.toSorted((a, b) => a.sinceMs - b.sinceMs)) {
    const endsMs = Math.min(untilMs, toMs);
    heldMs += Math.max(0, endsMs - Math.max(sinceMs, reachedMs));
    reachedMs = Math.max(reachedMs, endsMs);
  }
  return heldMs;
};
