import { setTimeout as pause } from 'node:timers/promises';

const everyMs = 10;

/** Polls until the condition holds; throws, with its name, when it does not within the deadline. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> => {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(everyMs);
  }
};
