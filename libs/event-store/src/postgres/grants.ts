import type { Sight } from '../event-store.js';

/** Whose eyes read, as the first two parameters of every SQL function that reads under row-level security. */
export const grantsOf = (sight: Sight): readonly [sightOfAll: boolean, nodes: readonly string[]] =>
  sight.all ? [true, []] : [false, sight.nodes];
