import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { RequestBudget } from './request-budget.js';

describe('a request budget', () => {
  it('spreads its turns evenly and leaves nothing behind on the signal', async () => {
    const { signal } = new AbortController();
    const budget = new RequestBudget(500, () => 0);
    for (let turn = 0; turn < 5; turn++) await budget.turn(signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('ends the wait of who is not served any more', async () => {
    const stopping = new AbortController();
    const budget = new RequestBudget(0.001, () => 0);
    await budget.turn(stopping.signal);
    const waiting = budget.turn(stopping.signal);
    stopping.abort();
    await expect(waiting).rejects.toThrow();
  });
});
