import { describe, expect, it } from 'vitest';
import { heldWithinMs } from './held.js';

const from = (sinceMs: number, untilMs: number) => ({ sinceMs, untilMs });

describe('how long pauses have held', () => {
  it('is nothing where there were none, or not at that time', () => {
    expect(heldWithinMs([], 0, 100)).toBe(0);
    expect(heldWithinMs([from(0, 10), from(90, 200)], 10, 90)).toBe(0);
  });

  it('counts what lies within, once for those that overlap, in any order', () => {
    expect(heldWithinMs([from(50, 60), from(5, 20)], 10, 100)).toBe(20);
    expect(heldWithinMs([from(30, 60), from(10, 40), from(20, 25)], 0, 100)).toBe(50);
    expect(heldWithinMs([from(10, 1_000)], 0, 100)).toBe(90);
  });
});
