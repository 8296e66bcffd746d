import type { Look } from '../kind.js';
import { answered, type Notes } from './notes.js';
import type { Patience } from './plan-step.js';

/** However soon the cloud shows what it does. In ms. */
const leastMs = 120_000;

/**
 * What a look says together with those before it. What all of them found untouched for two minutes, or for the visibility bound
 * where that is longer, has come to nothing. One look never says so, however late it comes: the one before may have met a
 * job that the cloud did not know for a moment, or there was none before, as no worker ran.
 */
export const judged = (
  seen: Look,
  noted: Notes,
  nowMs: number,
  { visibilityMs }: Pick<Patience, 'visibilityMs'>,
): { readonly seen: Look; readonly notes: Notes } => {
  const notes = { ...answered(noted), untouchedSinceMs: null };
  if (seen.look !== 'pending' || seen.untouched === undefined) return { seen, notes };
  const untouchedSinceMs = noted.untouchedSinceMs ?? nowMs;
  return nowMs - untouchedSinceMs >= Math.max(leastMs, visibilityMs)
    ? { seen: { look: 'failed', error: seen.untouched, left: {} }, notes }
    : { seen, notes: { ...notes, untouchedSinceMs } };
};
