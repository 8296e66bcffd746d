import type { Exchange } from '@strata/cloud';
import { describe, expect, it } from 'vitest';
import { Breakers, circuitOpen, type OpenEndpoint, type SharedBreakers } from './breakers.js';

const endpoint = 'https://evs.example';
const silence: Exchange = { kind: 'lost', cause: 'timeout' };
const refusedConnection: Exchange = { kind: 'not-sent', cause: 'ECONNREFUSED' };
const status = (code: number): Exchange => ({ kind: 'answered', status: code, headers: {}, text: '' });

/** What PostgreSQL does for all workers, on a clock of the test. */
class Table implements SharedBreakers {
  nowMs = 0;
  openUntilMs: number | undefined;
  readonly woken: [readonly string[], number][] = [];
  open(): Promise<OpenEndpoint> {
    this.openUntilMs ??= this.nowMs + 1_000;
    return Promise.resolve({ retryInMs: this.openUntilMs - this.nowMs });
  }
  claimProbe(): Promise<boolean> {
    const due = this.openUntilMs !== undefined && this.openUntilMs <= this.nowMs;
    if (due) this.openUntilMs = this.nowMs + 30_000;
    return Promise.resolve(due);
  }
  stillSilent(): Promise<OpenEndpoint> {
    this.openUntilMs = this.nowMs + 2_000;
    return Promise.resolve({ retryInMs: 2_000 });
  }
  close(): Promise<void> {
    this.openUntilMs = undefined;
    return Promise.resolve();
  }
  stillOpen(): Promise<ReadonlyMap<string, OpenEndpoint>> {
    const open = this.openUntilMs;
    return Promise.resolve(new Map(open === undefined ? [] : [[endpoint, { retryInMs: open - this.nowMs }]]));
  }
  wake(bindingIds: readonly string[], most: number): Promise<void> {
    this.woken.push([bindingIds, most]);
    return Promise.resolve();
  }
}

const workerOn = (shared: Table) => {
  const changes: string[] = [];
  const breakers = new Breakers({
    shared,
    nowMs: () => shared.nowMs,
    onChange: (_, state) => changes.push(state),
    onFault: (error) => {
      throw error;
    },
  });
  const watch = breakers.watchOf('binding');
  const request = async (exchange: Exchange): Promise<string | null> => {
    const turnedBack = await watch.enter(endpoint);
    if (turnedBack === null) watch.heard(endpoint, exchange);
    await new Promise(setImmediate);
    return turnedBack;
  };
  const requests = async (count: number, exchange: Exchange) => {
    for (let each = 0; each < count; each++) await request(exchange);
  };
  return { breakers, request, requests, changes };
};

describe('the circuit breaker of an endpoint', () => {
  it.each([
    ['without an answer', silence],
    ['that nobody takes', refusedConnection],
    ['answered 503', status(503)],
  ])('turns requests back after five in a row %s, and sends none', async (_, exchange) => {
    const { request, requests, changes } = workerOn(new Table());
    await requests(5, exchange);
    expect([await request(exchange), changes]).toEqual([circuitOpen, ['open']]);
  });

  it('does not mind what the cloud answers, nor what was ours to end', async () => {
    const { request, requests } = workerOn(new Table());
    await requests(20, status(429));
    await requests(20, status(404));
    await requests(20, { kind: 'not-sent', cause: 'too-late-to-send' });
    expect(await request(silence)).toBeNull();
  });

  it('lets one request through when it is time, of all workers’, and opens again when that is silent', async () => {
    const table = new Table();
    const [one, other] = [workerOn(table), workerOn(table)];
    await one.requests(5, silence);
    await other.requests(5, silence);
    table.nowMs = 1_000;
    expect(await one.request(silence)).toBeNull();
    expect(await other.request(silence)).toBe(circuitOpen);
    table.nowMs = 2_500;
    expect(await one.request(silence)).toBe(circuitOpen);
    table.nowMs = 3_000;
    expect(await one.request(silence)).toBeNull();
  });

  it('takes something that waits to try it, and wakes all that waits once it is answered', async () => {
    const table = new Table();
    const { breakers, request, requests, changes } = workerOn(table);
    await requests(5, silence);
    await breakers.look();
    expect(table.woken).toEqual([]);
    table.nowMs = 1_000;
    await breakers.look();
    expect(table.woken).toEqual([[['binding'], 1]]);
    expect(await request(status(200))).toBeNull();
    expect([table.woken.at(-1), changes]).toEqual([
      [['binding'], 100_000],
      ['open', 'closed'],
    ]);
    expect(await request(silence)).toBeNull();
  });

  it('closes for a worker that hears nothing itself when another one was answered', async () => {
    const table = new Table();
    const [one, other] = [workerOn(table), workerOn(table)];
    await one.requests(5, silence);
    await other.requests(5, silence);
    table.nowMs = 1_000;
    await one.request(status(200));
    expect(await other.request(silence)).toBe(circuitOpen);
    await other.breakers.look();
    expect(await other.request(status(200))).toBeNull();
  });
});
