import { LaneUnavailable } from '../../append.js';
import { outageReason } from './faults.js';
import type { Outcome } from './lane-connection.js';

/** A page of a new file and a commit: what a full disk or a read-only database refuses, whatever free space the log's own pages have. */
export const WRITE_PROBE = `create temporary table strata_write_probe on commit drop
  as select md5(n::text) as filler from generate_series(1, 1000) as n`;

const INSUFFICIENT_PRIVILEGE = '42501';
/** One slow commit: appends behind it may well get through. */
const QUERY_CANCELED = '57014';

/** How long a refused append counts by itself; from then on the database is asked. */
const FRESH_MS = 5_000;

const codeOf = (fault: unknown): string | undefined =>
  fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined;

const wordsFor = (cause: unknown): string => {
  const code = codeOf(cause);
  switch (code) {
    case undefined:
      return 'the database did not answer the last append';
    case '53100':
    case '25006':
      return `${outageReason(cause)} (${code})`;
    default:
      return `the database did not take the last append (${code})`;
  }
};

const probe = async (write: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await write();
    return undefined;
  } catch (fault) {
    // A role that may make no table cannot find out: the next append will.
    return codeOf(fault) === INSUFFICIENT_PRIVILEGE ? undefined : wordsFor(fault);
  }
};

/**
 * Whether the appends of this process get into the log. Reads go on when the disk is full, so only a write can tell: the last
 * append, or, since none may come while nobody sends traffic here, a write that leaves nothing behind.
 */
export class LaneOutage {
  #last: { readonly cause: unknown; readonly atMs: number } | undefined;
  /** However many ask, one write at a time: who asks is not known, and a database in need may take long to answer. */
  #probing: Promise<string | undefined> | undefined;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** What became of a batch. */
  saw(outcomes: readonly Outcome[]): void {
    const failed = outcomes.find((outcome) => 'error' in outcome && outcome.error instanceof LaneUnavailable);
    if (failed && 'error' in failed && codeOf(failed.error.cause) !== QUERY_CANCELED)
      this.#last = { cause: failed.error.cause, atMs: this.nowMs() };
    else if (outcomes.some((outcome) => 'verdict' in outcome)) this.#last = undefined;
  }

  /** One sentence for whoever operates this; undefined while appends get through. `write` runs `WRITE_PROBE`. */
  async why(write: () => Promise<unknown>): Promise<string | undefined> {
    const last = this.#last;
    if (last === undefined) return undefined;
    if (this.nowMs() - last.atMs < FRESH_MS) return wordsFor(last.cause);
    const refused = await (this.#probing ??= probe(write).finally(() => (this.#probing = undefined)));
    if (refused === undefined && this.#last === last) this.#last = undefined;
    return refused;
  }
}
