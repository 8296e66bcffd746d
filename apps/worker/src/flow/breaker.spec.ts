import { describe, expect, it } from 'vitest';
import { closedBreaker, hear, type BreakerNews, type BreakerState } from './breaker.js';

const after = (...heard: readonly ('silence' | 'answer')[]) => {
  let state: BreakerState = closedBreaker;
  let news: BreakerNews = null;
  for (const each of heard) ({ state, news } = hear(state, each === 'silence'));
  return { state, news };
};
const silences = (count: number) => Array<'silence'>(count).fill('silence');

describe('a circuit breaker', () => {
  it('opens with the fifth silence in a row', () => {
    expect(after(...silences(4)).news).toBeNull();
    expect(after(...silences(5)).news).toBe('open');
  });

  it('begins to count anew with every answer', () => {
    expect(after(...silences(4), 'answer', ...silences(4)).news).toBeNull();
  });

  it('closes with the first answer, and with nothing else', () => {
    const open: BreakerState = { is: 'open', retryAtMs: 0 };
    expect(hear(open, true)).toEqual({ state: open, news: 'still-silent' });
    expect(hear(open, false)).toEqual({ state: closedBreaker, news: 'close' });
  });
});
