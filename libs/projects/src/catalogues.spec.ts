import { readFile } from 'node:fs/promises';
import { checkGoldenEvents, type EventCatalogue } from '@strata/event-store';
import { describe, expect, it } from 'vitest';
import { bindingEvents, projectEvents } from './index.js';

const golden = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`./${name}.events.golden.json`, import.meta.url), 'utf8'));

describe('the events of projects and bindings', () => {
  it.each<[string, EventCatalogue]>([
    ['projects', projectEvents],
    ['bindings', bindingEvents],
  ])('are read in every version that was ever written: %s', async (name, catalogue) => {
    const samples = await golden(name);
    expect(() => checkGoldenEvents(catalogue, samples)).not.toThrow();
  });
});
