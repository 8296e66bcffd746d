import { strataVitest } from '../../vitest.shared.mjs';

/** One file after the other: each runs all of Strata, and some of them count on getting their share of the machine. */
export default strataVitest({ fileParallelism: false });
