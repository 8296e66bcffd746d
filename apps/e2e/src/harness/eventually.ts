import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /** Bound of the whole, in ms. */
  readonly withinMs?: number;
  readonly everyMs?: number;
  /** Faults of this class are thrown at once: looking again would not help. */
  readonly givesUpOn?: new (...args: never[]) => Error;
}

/** Looks again and again until `look` finds something; throws with the name and the last fault when it does not in time. */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  { withinMs = 120_000, everyMs = 50, givesUpOn }: Patience = {},
): Promise<T> => {
  const deadline = performance.now() + withinMs;
  let fault: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      fault = undefined;
    } catch (error) {
      if (givesUpOn !== undefined && error instanceof givesUpOn) throw error;
      fault = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`, { cause: fault });
    await pause(everyMs);
  }
};
