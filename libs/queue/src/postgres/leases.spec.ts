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

  it('tells when it began, and when the one before did, whoever had that', async () => {
    const [one, other] = [new PostgresLeases(workers.pool), new PostgresLeases(workers.pool)];
    const first = await one.turn('hot', 0);
    expect(first).toEqual({ beganMs: expect.any(Number), previousMs: null });
    const second = await other.turn('hot', 0);
    expect(second?.previousMs).toBeCloseTo(first?.beganMs ?? 0, 2);
    expect(second?.beganMs).toBeGreaterThan(first?.beganMs ?? Infinity);
    expect(await one.turn('hot', 60_000)).not.toBeNull();
    expect(await other.turn('hot', 60_000)).toBeNull();
  });
});
