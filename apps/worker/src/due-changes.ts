const minutes = 60_000;

/**
 * How old a change is when its disk is looked at: at once, then ever more rarely, as it is ever less likely that the cloud
 * shows it late or that somebody changes it after us. So a round does not look at all of a mass of disks just made. In ms.
 */
const looksAfterMs = [15, 7, 3, 1, 0].map((age) => age * minutes);
const oldestMs = Math.max(...looksAfterMs);
/** What the clock of a worker and that of the database, which says when a disk changed, may differ by. In ms. */
const clocksApartMs = 5 * minutes;

/** In ms since the epoch. */
export interface Span {
  readonly fromMs: number;
  /** Not itself within. */
  readonly untilMs: number;
}

/**
 * When the disks have changed that a round beginning now looks at, the round before having begun at `sinceMs`: a change is met
 * at each age, however far apart rounds are. Where no round before is known: all that is young. Spans are ascending and apart;
 * the last reaches beyond now.
 */
export const dueChanges = (sinceMs: number | undefined, nowMs: number): readonly [Span, ...Span[]] => {
  const reachMs = nowMs + clocksApartMs;
  if (sinceMs === undefined) return [{ fromMs: nowMs - oldestMs, untilMs: reachMs }];
  const spans: [Span, ...Span[]] = [{ fromMs: sinceMs - oldestMs, untilMs: nowMs - oldestMs }];
  for (const age of looksAfterMs.slice(1)) {
    const span = { fromMs: sinceMs - age, untilMs: age === 0 ? reachMs : nowMs - age };
    const last = spans.at(-1);
    if (last && last.untilMs >= span.fromMs) spans[spans.length - 1] = { ...last, untilMs: span.untilMs };
    else spans.push(span);
  }
  return spans;
};
