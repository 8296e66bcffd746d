import type { Turn } from '@strata/queue/postgres';

const minutes = 60_000;

/**
 * How old a change is when its disk is looked at: at once, then ever more rarely, as it is ever less likely that the cloud
 * shows it late or that somebody changes it after us. So a round does not look at all of a mass of disks just made. In ms.
 */
const looksAfterMs = [15, 7, 3, 1, 0].map((age) => age * minutes);
const oldestMs = Math.max(...looksAfterMs);

/** In ms since the epoch, by the clock of the database. */
export interface Span {
  readonly fromMs: number;
  /** Not itself within. */
  readonly untilMs: number;
}

/**
 * When the disks have changed that a round over what is hot looks at, whose turn that is: a change is met at each age, however
 * far apart rounds are, once. Where none was for long: all that is young, as the sweep of all disks has the rest. Spans are
 * ascending and apart.
 */
export const dueChanges = ({ beganMs, previousMs }: Turn): readonly Span[] => {
  if (previousMs === null || beganMs - previousMs > oldestMs) return [{ fromMs: beganMs - oldestMs, untilMs: beganMs }];
  const spans: Span[] = [];
  for (const age of looksAfterMs) {
    const span = { fromMs: previousMs - age, untilMs: beganMs - age };
    const last = spans.at(-1);
    if (last && last.untilMs >= span.fromMs) spans[spans.length - 1] = { ...last, untilMs: span.untilMs };
    else spans.push(span);
  }
  return spans;
};
