import { setImmediate as turn } from 'node:timers/promises';
import { PostgresOperationSchedule } from '@strata/queue/postgres';
import { QueueUnavailable, StepQueue } from '@strata/queue';
import { until } from '@strata/testing';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Dispatcher } from './dispatcher.js';

/** As BullMQ's while Redis is away. */
class QueueThatIsAway extends StepQueue {
  private readonly away = () => Promise.reject(new QueueUnavailable('the queue is away'));
  override admit = this.away;
  override depth = this.away;
  override close = () => Promise.resolve();
}

let dispatcher: Dispatcher;
afterEach(async () => {
  await dispatcher.stop();
  vi.useRealTimers();
});

describe('the dispatcher', () => {
  it('leaves a queue that is away alone for a while, however much is committed meanwhile', async () => {
    // A second is over when the test says so.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let faults = 0;
    dispatcher = new Dispatcher(
      {
        schedule: new PostgresOperationSchedule(new pg.Pool()),
        queue: new QueueThatIsAway(),
        rulesOf: (kind) => {
          throw new Error(`no operation of kind ${kind} here`);
        },
        onFault: () => (faults += 1),
      },
      { waitingJobs: { send: 1, look: 1 }, queuedPerProject: 1, leaseMs: 1_000, intervalMs: 1_000 },
    );
    dispatcher.start();
    await until('the queue was found away', () => faults > 0);
    for (let commits = 1; commits <= 100; commits++) {
      dispatcher.follower.committed?.(commits);
      await turn();
    }
    expect(faults).toBe(1);
    vi.advanceTimersByTime(1_000);
    await until('it is asked again', () => faults === 2);
  });
});
