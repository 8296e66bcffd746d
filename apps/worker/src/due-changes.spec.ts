import { describe, expect, it } from 'vitest';
import { dueChanges } from './due-changes.js';

const minutes = 60_000;
const now = Date.UTC(2026, 10, 29);
/** In minutes before now; what is to come is below zero. */
const due = (sinceMinutes?: number) =>
  dueChanges(sinceMinutes === undefined ? undefined : now - sinceMinutes * minutes, now).map(({ fromMs, untilMs }) => [
    (now - fromMs) / minutes,
    (now - untilMs) / minutes,
  ]);

describe('changes that a round over what is hot looks at', () => {
  it('are all that are young, where no round before is known', () => {
    expect(due()).toEqual([[15, -5]]);
  });

  it('are those that came of an age since the round before', () => {
    const [oldest, older, old, young] = [[16, 15], [8, 7], [4, 3], [2, -5]]; // prettier-ignore
    expect(due(1)).toEqual([oldest, older, old, young]);
  });

  it('are all of a long time in which no round was', () => {
    expect(due(60)).toEqual([[75, -5]]);
  });

  it.each([[1], [10], [59], [61], [150], [1_000]])('are met at each age by rounds %i s apart', (seconds) => {
    const begins = Array.from({ length: Math.ceil(2_000 / seconds) + 2 }, (_, round) => now + round * seconds * 1_000);
    const rounds = begins.slice(1).map((begin, before) => ({ begin, spans: dueChanges(begins[before], begin) }));
    for (const changed of [now, now + 1, now + seconds * 1_000 - 1]) {
      for (const age of [0, 1, 3, 7, 15].map((each) => each * minutes)) {
        const first = rounds.find(({ begin }) => begin - age > changed);
        expect(first?.spans.some(({ fromMs, untilMs }) => fromMs <= changed && changed < untilMs)).toBe(true);
      }
      // Of many rounds only so many, and those that began before it and reach to it.
      const met = rounds.filter(({ spans }) =>
        spans.some(({ fromMs, untilMs }) => fromMs <= changed && changed < untilMs),
      );
      expect(met.filter(({ begin }) => begin > changed).length).toBeLessThanOrEqual(5);
    }
  });
});
