import { readFile } from 'node:fs/promises';
import { checkGoldenEvents } from '@strata/event-store';
import { describe, expect, it } from 'vitest';
import { diskEvents } from './index.js';

describe('the events of disks', () => {
  it('are read in every version that was ever written', async () => {
    const golden: unknown = JSON.parse(await readFile(new URL('./disks.events.golden.json', import.meta.url), 'utf8'));
    expect(() => checkGoldenEvents(diskEvents, golden)).not.toThrow();
  });
});
