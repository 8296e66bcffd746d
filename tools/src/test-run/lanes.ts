import type { Part } from './suites.ts';

/**
 * Runs the parts, so many at a time. The first lane begins with those that are to run one by one and the others leave them to it
 * while they have something else: two of that kind run beside each other only in the end, when nothing else is left.
 */
export const inLanes = async (
  lanes: number,
  parts: readonly Part[],
  stopped: AbortSignal,
  run: (part: Part) => Promise<void>,
): Promise<void> => {
  const oneByOne = parts.filter((part) => part.oneByOne);
  const others = parts.filter((part) => !part.oneByOne);
  const lane = async (first: Part[], then: Part[]): Promise<void> => {
    while (!stopped.aborted) {
      const part = first.shift() ?? then.shift();
      if (part === undefined) return;
      await run(part);
    }
  };
  await Promise.all(
    Array.from({ length: lanes }, (_, n) => (n === 0 ? lane(oneByOne, others) : lane(others, oneByOne))),
  );
};
