import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';
import type { Urgency } from './urgency.js';

const waiting = (of: Partial<Record<Urgency, number>>): Turns<Urgency> => {
  const turns = new Turns<Urgency>();
  for (const [urgency, count] of Object.entries(of) as [Urgency, number][])
    for (let each = 0; each < count; each++) turns.add(urgency, urgency);
  return turns;
};
const served = (turns: Turns<Urgency>, count: number) => {
  const all: Urgency[] = [];
  for (let each = 0; each < count; each++) all.push(turns.next() ?? 'background');
  return { interactive: 0, bulk: 0, ...Object.groupBy(all, (urgency) => urgency) };
};

describe('turns', () => {
  it('are first come, first served among the equally urgent', () => {
    const turns = new Turns<string>();
    for (const who of ['a', 'b', 'c']) turns.add('bulk', who);
    turns.remove('bulk', 'b');
    expect([turns.next(), turns.next(), turns.next()]).toEqual(['a', 'c', undefined]);
  });

  it('go to the urgent first, and to the others in their shares: nobody starves', () => {
    const turns = waiting({ interactive: 100, bulk: 100, background: 100 });
    const shown = served(turns, 120);
    expect([shown.interactive, shown.bulk, shown.background].map((each) => Object.keys(each ?? {}).length)).toEqual([
      80, 30, 10,
    ]);
  });

  it('are all for whoever waits alone', () => {
    const turns = waiting({ background: 5 });
    expect(Object.keys(served(turns, 5).background ?? {})).toHaveLength(5);
    expect([turns.length, turns.mostUrgent]).toEqual([0, undefined]);
  });

  it('lets one that comes overtake a thousand that are less urgent', () => {
    const turns = waiting({ bulk: 1000 });
    served(turns, 10);
    turns.add('interactive', 'interactive');
    expect(turns.next()).toBe('interactive');
  });
});
