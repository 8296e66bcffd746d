import { strataVitest } from '../../vitest.shared.mjs';

/**
 * One file after the other: each runs all of Strata, and some of them count on getting their share of the machine. In a whole
 * `npm test` two run beside each other when nothing else is left (tools/src/test-run/lanes.ts).
 */
export default strataVitest({ fileParallelism: false });
