import { setTimeout as pause } from 'node:timers/promises';

/** Looks until `condition` holds; fails with what it last saw. For what happens by itself and gives no signal. */
export const eventually = async <Seen>(
  look: () => Promise<Seen>,
  condition: (seen: Seen) => boolean,
  withinMs = 20_000,
): Promise<Seen> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (condition(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(seen)} after ${withinMs} ms`);
    await pause(10);
  }
};
