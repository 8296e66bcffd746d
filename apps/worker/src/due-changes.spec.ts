import { describe, expect, it } from 'vitest';
import { dueChanges, type Span } from './due-changes.js';

const minutes = 60_000;
const now = Date.UTC(2026, 10, 29);
const ages = [0, 1, 3, 7, 15].map((each) => each * minutes);
/** In minutes before now. */
const due = (previous: number | null) =>
  dueChanges({ beganMs: now, previousMs: previous === null ? null : now - previous * minutes }).map(
    ({ fromMs, untilMs }) => [(now - fromMs) / minutes, (now - untilMs) / minutes],
  );
const meets = (spans: readonly Span[], changedMs: number) =>
  spans.some(({ fromMs, untilMs }) => fromMs <= changedMs && changedMs < untilMs);

describe('changes that a round over what is hot looks at', () => {
  it('are all that are young, where no round was before', () => {
    expect(due(null)).toEqual([[15, 0]]);
  });

  it('are those that came of an age since the round before', () => {
    const [oldest, older, old, young] = [[16, 15], [8, 7], [4, 3], [2, 0]]; // prettier-ignore
    expect(due(1)).toEqual([oldest, older, old, young]);
  });

  it('are the same as if none had been before, where that is long ago', () => {
    expect(due(15)).toEqual([[30, 0]]);
    expect(due(16)).toEqual([[15, 0]]);
  });

  it.each([[1], [10], [59], [61], [150], [890]])('are met once at each age by rounds %i s apart', (seconds) => {
    const begins = Array.from({ length: Math.ceil(2_000 / seconds) + 2 }, (_, round) => now + round * seconds * 1_000);
    const rounds = begins
      .slice(1)
      .map((beganMs, before) => ({ beganMs, spans: dueChanges({ beganMs, previousMs: begins[before] ?? null }) }));
    for (const changedMs of [now, now + 1, now + seconds * 1_000 - 1]) {
      // The first round after it is of each age; rounds far apart meet two ages in one.
      const expected = new Set(ages.map((age) => rounds.find(({ beganMs }) => beganMs > changedMs + age)?.beganMs));
      const met = rounds.filter(({ spans }) => meets(spans, changedMs)).map(({ beganMs }) => beganMs);
      expect(new Set(met)).toEqual(expected);
    }
  });
});
