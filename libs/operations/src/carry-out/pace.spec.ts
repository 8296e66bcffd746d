import { describe, expect, it } from 'vitest';
import { Pace } from './pace.js';

const paced = (learntMs?: number) => {
  const pace = new Pace(learntMs ?? 250, 5_000);
  if (learntMs !== undefined) pace.learn('disk.create', learntMs);
  return pace;
};
const shown = (pace: Pace, looks: number, pendingForMs: number) =>
  pace.shown('disk.create', 'marker', looks, pendingForMs);

describe('when to look', () => {
  it('is at once for what is usually done at once', () => {
    expect(paced(0).nextLookInMs('disk.create', 0)).toBe(0);
  });

  it('is a little before the usual end, then when half as much again has passed', () => {
    expect(paced(1_000).nextLookInMs('disk.create', 0)).toBe(800);
    expect(paced(1_000).nextLookInMs('disk.create', 800)).toBe(400);
    expect(paced(1_000).nextLookInMs('disk.create', 60_000)).toBe(5_000);
  });

  it('is told by the list where many are under way, and for one alone after the looks that are usually enough', () => {
    expect(shown(paced(1_000), 0, 0).fromMany).toBe(5);
    expect(shown(paced(1_000), 1, 800).fromMany).toBe(5);
    expect(shown(paced(1_000), 2, 1_200).fromMany).toBe(1);
    expect(shown(paced(), 0, 0).fromMany).toBe(5);
    expect(shown(paced(), 1, 200).fromMany).toBe(1);
  });

  it('comes without the list too, later each time and never before twice the usual time', () => {
    expect(shown(paced(1_000), 2, 1_200).dueInMs).toBe(60_000);
    expect(shown(paced(1_000), 3, 61_200).dueInMs).toBe(61_200);
    expect(shown(paced(90_000), 0, 0).dueInMs).toBe(180_000);
  });
});
