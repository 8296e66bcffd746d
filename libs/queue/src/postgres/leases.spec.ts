import { startWorkerPool, type TestWorkerPool } from '@strata/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresLeases } from './leases.js';

let workers: TestWorkerPool;
beforeAll(async () => {
  workers = await startWorkerPool();
});
afterAll(() => workers.stop());

describe('what is done once per period', () => {
  it('is claimed by one of many, and not again by the same one', async () => {
    const askers = Array.from({ length: 8 }, () => new PostgresLeases(workers.pool));
    const claims = await Promise.all(askers.map((each) => each.claim('sweep', 60_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const again = await Promise.all(askers.map((each) => each.claim('sweep', 60_000)));
    expect(again.filter(Boolean)).toHaveLength(0);
  });

  it('is claimed anew in the next period, and apart from other work', async () => {
    const leases = new PostgresLeases(workers.pool);
    expect(await leases.claim('figures', 0)).toBe(true);
    expect(await leases.claim('figures', 60_000)).toBe(true);
  });
});
