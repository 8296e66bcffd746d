import type { Part } from './suites.ts';

/**
 * Runs the parts in this many lanes. Those that run all of Strata have the first lane to themselves; the second goes on with them
 * when nothing else is left to begin, and the others do not, so that there are never more than two of them beside each other.
 */
export const inLanes = async (
  lanes: number,
  parts: readonly Part[],
  stopped: AbortSignal,
  run: (part: Part) => Promise<void>,
): Promise<void> => {
  const wholeStack = parts.filter((part) => part.wholeStack);
  const others = parts.filter((part) => !part.wholeStack);
  const lane = async (...queues: Part[][]): Promise<void> => {
    while (!stopped.aborted) {
      const part = queues.find(({ length }) => length > 0)?.shift();
      if (part === undefined) return;
      await run(part);
    }
  };
  const first = lane(wholeStack, others);
  const further = Array.from({ length: lanes - 1 }, (_, n) => (n === 0 ? lane(others, wholeStack) : lane(others)));
  await Promise.all([first, ...further]);
};

/**
 * Two fill two cores: with three a whole run took as long, and what runs all of Strata half as long again. One where there is
 * nothing to put beside that.
 */
export const lanesFor = (parts: readonly Part[]): number =>
  parts.every(({ wholeStack }) => wholeStack) ? 1 : Math.min(2, parts.length);
