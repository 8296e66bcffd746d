import { readFile } from 'node:fs/promises';
import { checkGoldenEvents } from '@strata/event-store';
import { describe, expect, it } from 'vitest';
import { operationEvents, participationEvents, pauseEvents } from './index.js';

describe('the events of', () => {
  it.each([
    ['operations', operationEvents],
    ['participations', participationEvents],
    ['pauses', pauseEvents],
  ])('%s are read in every version that was ever written', async (name, catalogue) => {
    const file = new URL(`./${name}.events.golden.json`, import.meta.url);
    const golden: unknown = JSON.parse(await readFile(file, 'utf8'));
    expect(() => checkGoldenEvents(catalogue, golden)).not.toThrow();
  });
});
