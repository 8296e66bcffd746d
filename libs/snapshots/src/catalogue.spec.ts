import { readFile } from 'node:fs/promises';
import { checkGoldenEvents } from '@strata/event-store';
import { describe, expect, it } from 'vitest';
import { snapshotEvents } from './index.js';

describe('the events of snapshots', () => {
  it('are read in every version that was ever written', async () => {
    const file = new URL('./snapshots.events.golden.json', import.meta.url);
    const golden: unknown = JSON.parse(await readFile(file, 'utf8'));
    expect(() => checkGoldenEvents(snapshotEvents, golden)).not.toThrow();
  });
});
