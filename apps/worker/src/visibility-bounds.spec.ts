import { startWorkerPool, type TestWorkerPool } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkUnderTest } from './contract/work-under-test.js';
import { VisibilityBounds } from './visibility-bounds.js';

let workers: TestWorkerPool;
beforeAll(async () => {
  workers = await startWorkerPool();
});
afterAll(() => workers.stop());

const setMs = 120_000;
/** A worker of its own, whose clock stands unless it is told otherwise. */
const bounds = (clock = () => 0) => new VisibilityBounds(workers.pool, setMs, clock);

describe('how long something may stay invisible in a cloud', () => {
  it('is as it is set until something was later, and longer than that from then on, for all workers', async () => {
    const [bindingId, other] = [newId(), newId()];
    const first = bounds();
    expect(await first.of(bindingId)).toBe(setMs);
    await first.appearedAfter(bindingId, 140_000);
    expect(await first.of(bindingId)).toBe(210_000);
    expect(await bounds().of(bindingId)).toBe(210_000);
    expect(await bounds().of(other)).toBe(setMs);
  });

  it('is never learnt downwards', async () => {
    const bindingId = newId();
    const [slow, quick] = [bounds(), bounds()];
    expect(await quick.of(bindingId)).toBe(setMs);
    await slow.appearedAfter(bindingId, 200_000);
    await quick.appearedAfter(bindingId, 100_000);
    expect(await bounds().of(bindingId)).toBe(300_000);
  });

  it('is heard of from other workers after a minute', async () => {
    const bindingId = newId();
    let nowMs = 0;
    const listening = bounds(() => nowMs);
    expect(await listening.of(bindingId)).toBe(setMs);
    await bounds().appearedAfter(bindingId, 200_000);
    nowMs = 60_000;
    expect(await listening.of(bindingId)).toBe(300_000);
  });
});

describe('a disk that shows late after its answer was lost', () => {
  let work: WorkUnderTest;
  beforeAll(async () => {
    work = await WorkUnderTest.start(workers.postgres);
  });
  afterAll(() => work.stop());

  it('is news for the bound only when it had not been there before', async () => {
    const appeared: number[] = [];
    const ports = work.ports({
      patienceOf: () => ({ sendWithinMs: 10_000, requestTimeoutMs: 15_000, visibilityMs: 120_000 }),
      appearedAfter: (_of, afterMs) => Promise.resolve(void appeared.push(afterMs)),
    });
    const lost = { kind: 'drop-answer', times: 1, match: { operation: 'disks.create' } } as const;
    await work.faults(lost);
    expect((await work.carryOut((await work.requestDisk()).operationId, ports)).operation.status).toBe('succeeded');
    expect(appeared).toEqual([]);

    const unseen = { kind: 'stale-list', seconds: 600 } as const;
    await work.faults(lost, unseen);
    let looks = 0;
    const { operationId } = await work.requestDisk();
    const history = await work.carryOut(operationId, {
      ...ports,
      passed: async (point) => {
        if (point === 'effect-looked-up' && (looks += 1) === 2) await work.faults();
      },
    });
    expect(history.operation.status).toBe('succeeded');
    expect(appeared).toHaveLength(1);
  });
});
