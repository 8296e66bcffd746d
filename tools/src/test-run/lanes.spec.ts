import { describe, expect, it } from 'vitest';
import { inLanes, lanesFor } from './lanes.ts';
import type { Part } from './suites.ts';

const part = (title: string, wholeStack = false): Part => ({
  ...{ title, wholeStack, suite: title, directory: '.', specs: [] },
});
const never = new AbortController().signal;

/** Which parts ran beside each other, in the order in which they began. */
const besides = async (parts: readonly Part[], lanes = 2): Promise<string[]> => {
  const running = new Set<string>();
  const seen: string[] = [];
  await inLanes(lanes, parts, never, async ({ title }) => {
    running.add(title);
    seen.push([...running].join('+'));
    await new Promise((resolve) => setImmediate(resolve));
    running.delete(title);
  });
  return seen;
};

describe('parts in lanes', () => {
  it('run all of Strata beside others, while there are others', async () => {
    const parts = [part('a', true), part('x'), part('b', true), part('y')];
    expect(await besides(parts)).toEqual(['a', 'a+x', 'x+b', 'b+y']);
  });

  it('run all of Strata twice beside each other when nothing else is left, and never thrice', async () => {
    const seen = await besides([part('a', true), part('b', true), part('c', true), part('x')], 3);
    expect(seen).toEqual(['a', 'a+x', 'x+b', 'b+c']);
    expect(await besides([part('x'), part('y')])).toEqual(['x', 'x+y']);
  });

  it('run one after the other in one lane', async () => {
    expect(await besides([part('x'), part('a', true), part('y')], 1)).toEqual(['a', 'x', 'y']);
  });

  it('begin no other when they are stopped', async () => {
    const stopped = new AbortController();
    const begun: string[] = [];
    await inLanes(1, [part('x'), part('y')], stopped.signal, ({ title }) => {
      begun.push(title);
      stopped.abort();
      return Promise.resolve();
    });
    expect(begun).toEqual(['x']);
  });
});

describe('the number of lanes', () => {
  it.each([
    ['one for what runs all of Strata alone', [part('a', true), part('b', true)], 1],
    ['one for a single suite', [part('x')], 1],
    ['two at most', [part('a', true), part('x'), part('y'), part('z')], 2],
  ])('is %s', (_what, parts, lanes) => {
    expect(lanesFor(parts)).toBe(lanes);
  });
});
