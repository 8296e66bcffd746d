import { strataVitest } from '../../vitest.shared.mjs';

/**
 * One file after the other: each runs all of Strata, and some of them count on getting their share of the machine. In a whole
 * `npm test` two run beside each other when nothing else is left (tools/src/test-run/lanes.ts). Some start all of it several
 * times, which takes 20 s on an idle machine.
 */
export default strataVitest({ fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000 });
