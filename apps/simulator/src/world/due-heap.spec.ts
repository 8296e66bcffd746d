import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from './due-heap.js';

describe('what comes due', () => {
  it('is taken in the order of its time, and never before it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 })), fc.nat({ max: 50 }), (times, nowMs) => {
        const heap = new DueHeap<number>();
        times.forEach((atMs, index) => heap.push(atMs, index));
        const taken: number[] = [];
        for (let next = heap.pop(nowMs); next; next = heap.pop(nowMs)) taken.push(next.atMs);
        expect(taken).toEqual(times.filter((atMs) => atMs <= nowMs).sort((a, b) => a - b));
      }),
    );
  });
});
