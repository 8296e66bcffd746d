import { describe, expect, it } from 'vitest';
import { inLanes } from './lanes.ts';
import type { Part } from './suites.ts';

const part = (title: string, oneByOne = false): Part => ({
  ...{ title, oneByOne, suite: title, directory: '.', specs: [] },
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
  it('run those that go one by one beside others, while there are others', async () => {
    expect(await besides([part('a', true), part('x'), part('b', true), part('y')])).toEqual(['a', 'a+x', 'x+b', 'b+y']);
  });

  it('leave no lane empty while something is left', async () => {
    expect(await besides([part('a', true), part('b', true)])).toEqual(['a', 'a+b']);
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
