import type { Difference, Evidence, FindingEventOf } from './finding.events.js';
import { isOver } from './finding.times.js';
import type { LiveFinding } from './finding.js';

/** Somebody knows of it: of what was seen by then, and for a time. */
export interface Ignored {
  /** RFC 3339. */
  readonly until: string;
  /** Those that were shown when it was ignored. */
  readonly differences: readonly Difference[];
}

export const ignoring = (
  live: readonly LiveFinding[],
  { findingId, until }: FindingEventOf<'FindingIgnored'>['data'],
): readonly LiveFinding[] =>
  live.map((finding) =>
    finding.findingId === findingId
      ? { ...finding, ignored: { until, differences: finding.evidence.differences } }
      : finding,
  );

/** What the log says by now does not count: that is a change through Strata. */
const isAmong = (known: readonly Difference[], { member, cloud }: Difference): boolean =>
  known.some((each) => each.member === member && each.cloud === cloud);

/** Its time is over, or the cloud shows a change that nobody had seen when it was ignored. Fewer changes than then are no news. */
export const isNoLongerIgnored = ({ kind, ignored }: LiveFinding, { differences }: Evidence, at: string): boolean =>
  ignored !== null &&
  (isOver(ignored.until, at) ||
    (kind === 'changed' && !differences.every((difference) => isAmong(ignored.differences, difference))));
