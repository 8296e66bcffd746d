import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { SharedBudget, type Grant, type Line, type SharedBudgets } from './shared-budget.js';

const line: Line = { endpoint: 'https://evs.example', credential: 'production' };

/** A bucket for all workers, on the clock of the test. */
class Bucket implements SharedBudgets {
  nowMs = 0;
  asked = 0;
  slowed = 0;
  given = 0;
  givenUp = 0;
  fails = 0;
  private tokens = 0;
  private filledMs = 0;
  constructor(private readonly perSecond: number) {}
  take(_: Line, wanted: number, reserve: number): Promise<Grant> {
    this.asked += 1;
    if (this.fails-- > 0) return Promise.reject(new Error('the database is away'));
    const burst = this.perSecond / 4;
    this.tokens = Math.min(burst, this.tokens + ((this.nowMs - this.filledMs) * this.perSecond) / 1_000);
    this.filledMs = this.nowMs;
    const turns = Math.max(0, Math.min(wanted, Math.floor(this.tokens - burst * reserve)));
    this.tokens -= turns;
    this.given += turns;
    return Promise.resolve({ turns, perSecond: this.perSecond });
  }
  giveUp(_: Line, unused: number): Promise<void> {
    this.givenUp += unused;
    return Promise.resolve();
  }
  slowDown(): Promise<void> {
    this.slowed += 1;
    return Promise.resolve();
  }
}

const workerOn = (bucket: Bucket, perSecond = 100) => {
  const faults: unknown[] = [];
  const due: (() => void)[] = [];
  const budget = new SharedBudget(line, perSecond, {
    shared: bucket,
    nowMs: () => bucket.nowMs,
    pause: async (ms) => {
      bucket.nowMs += ms;
      await new Promise(setImmediate);
    },
    later: (_ms, work) => due.push(work),
    onFault: (error) => faults.push(error),
  });
  /** As if so much later. */
  const pass = (ms: number) => {
    bucket.nowMs += ms;
    for (const work of due.splice(0)) work();
  };
  return { budget, faults, pass };
};

describe('a budget that workers share', () => {
  it('is kept by all of them together', async () => {
    const bucket = new Bucket(100);
    const workers = [workerOn(bucket), workerOn(bucket), workerOn(bucket)];
    await Promise.all(workers.flatMap(({ budget }) => Array.from({ length: 200 }, () => budget.turn())));
    expect((600 / bucket.nowMs) * 1_000).toBeLessThanOrEqual(101);
  });

  it('is asked for in pieces, not for each request', async () => {
    const bucket = new Bucket(5_000);
    const { budget } = workerOn(bucket, 5_000);
    bucket.nowMs = 1_000;
    for (let each = 0; each < 200; each++) await budget.turn();
    expect(bucket.asked).toBe(1);
  });

  it.each([0, 199, 201])(
    'gives up what was not used, also when others are asked for after %i ms, and that once',
    async (afterMs) => {
      const bucket = new Bucket(5_000);
      const { budget, pass } = workerOn(bucket, 5_000);
      bucket.nowMs = 1_000;
      await budget.turn();
      expect([bucket.given, bucket.givenUp]).toEqual([250, 0]);
      // Late, as timers are: what is asked for meanwhile takes the place of what was held.
      bucket.nowMs += afterMs;
      await budget.turn();
      pass(200);
      expect(bucket.given - bucket.givenUp).toBe(2);
      pass(200);
      expect(bucket.given - bucket.givenUp).toBe(2);
    },
  );

  it('serves one person before a crowd, also of another worker', async () => {
    const bucket = new Bucket(100);
    const [busy, quick] = [workerOn(bucket), workerOn(bucket)];
    const bulk = Array.from({ length: 500 }, () => busy.budget.turn(undefined, 'bulk'));
    let served = 0;
    for (const each of bulk) void each.then(() => (served += 1));
    await busy.budget.turn(undefined, 'interactive');
    await quick.budget.turn(undefined, 'interactive');
    expect(served).toBeLessThan(60);
    await Promise.all(bulk);
  });

  it('tells all of them when the cloud asks for fewer requests, and gives up what it has left', async () => {
    const bucket = new Bucket(1_000);
    const { budget } = workerOn(bucket, 1_000);
    bucket.nowMs = 1_000;
    await budget.turn();
    budget.throttled();
    await budget.turn();
    expect([bucket.slowed, bucket.asked]).toEqual([1, 2]);
  });

  it('waits for the database as the steps do', async () => {
    const bucket = new Bucket(100);
    bucket.fails = 3;
    const { budget, faults } = workerOn(bucket);
    await budget.turn();
    expect([faults.length, bucket.nowMs]).toEqual([3, expect.toSatisfy((ms: number) => ms >= 750)]);
  });

  it('ends the wait of who is not served any more, and leaves nothing behind', async () => {
    const bucket = new Bucket(0.001);
    const { budget } = workerOn(bucket);
    const stopping = new AbortController();
    const waiting = budget.turn(stopping.signal);
    stopping.abort(new Error('the worker stops'));
    await expect(waiting).rejects.toThrow('the worker stops');
    expect(getEventListeners(stopping.signal, 'abort')).toHaveLength(0);
    await expect(budget.turn(stopping.signal)).rejects.toThrow('the worker stops');
  });
});
