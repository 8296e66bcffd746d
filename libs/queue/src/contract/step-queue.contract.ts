import { until } from '@strata/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { QueueUnavailable, type StepJob, type StepQueue } from '../step-queue.js';
import type { StepRunner, StepWorker } from '../step-worker.js';
import { job, jobs, type QueueUnderTest, type WorkerUnderTest } from './queue-under-test.js';

/** Of calls that shall succeed, on a slow machine as well. */
const patientMs = 15_000;
/** Of calls to a back end that is away. */
const callMs = 3_000;

/** A promise and the hand that settles it. */
const gate = () => Promise.withResolvers<void>();

/** Every back end of the queue must pass this. */
export const stepQueueContract = (backEnd: string, open: () => Promise<QueueUnderTest>) => {
  let under: QueueUnderTest;
  let queue: StepQueue;
  let workers: StepWorker[] = [];
  let ran: StepJob[] = [];
  let faults: { error: unknown; job: StepJob | undefined }[] = [];

  const noting =
    (run: StepRunner = () => Promise.resolve()): StepRunner =>
    (taken, signal) => {
      ran.push(taken);
      return run(taken, signal);
    };
  const newWorker = (settings: Partial<WorkerUnderTest> = {}) => {
    const worker = under.openWorker({
      concurrency: { send: 4, look: 4 },
      timeoutMs: patientMs,
      onFault: (error, faulty) => faults.push({ error, job: faulty }),
      ...settings,
      run: noting(settings.run),
    });
    workers.push(worker);
    return worker;
  };
  const working = async (settings: Partial<WorkerUnderTest> = {}) => {
    const worker = newWorker(settings);
    await worker.start();
    return worker;
  };
  const ranAll = (count: number) => until(`${count} jobs ran`, () => ran.length >= count);
  const timesRun = () => new Set(Object.values(Object.groupBy(ran, ({ jobId }) => jobId)).map((runs) => runs?.length));
  const queueIsEmpty = () =>
    until('the queue is empty', async () => {
      const { send, look } = await queue.depth();
      return send + look === 0;
    });

  beforeAll(async () => {
    under = await open();
    return () => under.end();
  });
  beforeEach(async () => {
    await under.wipe();
    ran = [];
    faults = [];
    queue = under.openQueue(patientMs);
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.drain(0)));
    workers = [];
    await queue.close();
  });

  describe(`the step queue on ${backEnd}`, () => {
    it('runs each admitted job once, with two workers taking', async () => {
      await Promise.all([working(), working()]);
      await queue.admit([...jobs('send', 700), ...jobs('look', 700)]);
      for (const single of jobs('send', 20, 5_000)) await queue.admit([single]);
      await ranAll(1_420);
      await queueIsEmpty();
      expect(ran).toHaveLength(1_420);
      expect(timesRun()).toEqual(new Set([1]));
      expect(faults).toEqual([]);
    });

    it('hands over what was admitted and nothing else', async () => {
      await queue.admit([job('send', 1), job('look', 2)]);
      await working();
      await ranAll(2);
      expect(ran).toEqual(expect.arrayContaining([job('send', 1), job('look', 2)]));
    });

    it('takes jobs in the order of their admission, give or take a few places', async () => {
      await queue.admit(jobs('send', 3));
      await queue.admit(jobs('send', 40, 3));
      await queue.admit(jobs('send', 560, 43));
      await queue.admit([job('send', 603)]);
      await working({ concurrency: { send: 1, look: 1 } });
      await ranAll(604);
      const place = new Map(jobs('send', 604).map(({ jobId }, index) => [jobId, index]));
      const moved = ran.map(({ jobId }, index) => Math.abs(index - (place.get(jobId) ?? Infinity)));
      expect(Math.max(...moved)).toBeLessThan(10);
    });

    it('ignores an id that waits or runs, and takes it again afterwards', async () => {
      await queue.admit([job('send', 1)]);
      await queue.admit([job('send', 1), ...jobs('send', 20, 1)]);
      expect(await queue.depth()).toEqual({ send: 20, look: 0 });

      const { promise, resolve } = gate();
      await working({ run: () => promise, concurrency: { send: 20, look: 1 } });
      await ranAll(20);
      await queue.admit([job('send', 1)]);
      expect(await queue.depth()).toEqual({ send: 0, look: 0 });
      resolve();

      await until('the id is free', async () => {
        await queue.admit([job('send', 1)]);
        return ran.length > 20;
      });
      expect(ran.slice(20).map(({ jobId }) => jobId)).toContain(job('send', 1).jobId);
    });

    it('counts what waits in each lane', async () => {
      await queue.admit([...jobs('send', 3), ...jobs('look', 12)]);
      expect(await queue.depth()).toEqual({ send: 3, look: 12 });
    });

    it('keeps to the concurrency of each lane, and one lane does not hold up the other', async () => {
      let sending = 0;
      let most = 0;
      const { promise, resolve } = gate();
      const run: StepRunner = async ({ lane }) => {
        if (lane === 'look') return;
        most = Math.max(most, (sending += 1));
        await promise;
        sending -= 1;
      };
      await working({ run, concurrency: { send: 3, look: 2 } });
      await queue.admit([...jobs('send', 30), ...jobs('look', 30)]);
      await ranAll(33); // 3 sends that hang, and every look
      resolve();
      await ranAll(60);
      expect(most).toBe(3);
    });

    it('drops a job whose runner throws, tells of it, and has its id free', async () => {
      const broken = new Error('broken step');
      await working({ run: () => Promise.reject(broken) });
      await queue.admit([job('send', 1)]);
      await until('the fault was told', () => faults.length === 1);
      expect(faults).toEqual([{ error: broken, job: job('send', 1) }]);
      await until('the id is free', async () => {
        await queue.admit([job('send', 1)]);
        return ran.length > 1;
      });
    });

    it('goes on after a wipe in the middle', async () => {
      const { promise, resolve } = gate();
      await working({
        run: ({ operationId }) => (operationId === job('send', 1).operationId ? promise : Promise.resolve()),
      });
      await queue.admit([job('send', 1)]);
      await ranAll(1);
      await under.wipe();
      resolve();
      await queue.admit([...jobs('send', 40, 100), ...jobs('look', 2, 100)]);
      await ranAll(43);
      expect(timesRun()).toEqual(new Set([1]));
    });

    describe('while the back end is away', () => {
      const succeeds = (call: Promise<unknown>) =>
        call.then(
          () => true,
          (error: unknown) => {
            if (error instanceof QueueUnavailable) return false;
            throw error;
          },
        );
      const admits = (some: readonly StepJob[]) => succeeds(queue.admit(some));
      const inTime = async (call: () => Promise<unknown>) => {
        const started = performance.now();
        await expect(call()).rejects.toBeInstanceOf(QueueUnavailable);
        expect(performance.now() - started).toBeLessThan(3 * callMs);
      };

      beforeEach(async () => {
        await queue.close();
        queue = under.openQueue(callMs);
      });
      afterEach(() => under.start());

      it('goes on after a restart', async () => {
        await working();
        await queue.admit(jobs('send', 5));
        await ranAll(5);
        await under.stop();
        await under.start();
        await until('an admission succeeds', () => admits(jobs('look', 12, 100)));
        await until('all looks ran', () => new Set(ran.map(({ jobId }) => jobId)).size === 17);
        await until('an admission succeeds', () => admits([job('send', 300)]));
        await until('the send ran', () => ran.some(({ jobId }) => jobId === job('send', 300).jobId));
      });

      it('refuses admission within its bound, and takes it once the back end is there', async () => {
        await queue.admit([job('send', 1)]);
        await under.stop();
        await inTime(() => queue.admit([job('send', 2)]));
        await inTime(() => queue.admit(jobs('look', 40)));
        await inTime(() => queue.depth());
        await under.start();
        await until('an admission succeeds', () => admits([job('send', 3)]));
      });

      it('can be opened, and be used later', async () => {
        await under.stop();
        await inTime(() => queue.admit([job('send', 1)]));
        await under.start();
        await until('an admission succeeds', () => admits([job('send', 1)]));
        expect(await queue.depth()).toEqual({ send: 1, look: 0 });
      });

      it('starts no worker, and the same worker starts later', async () => {
        await under.stop();
        const worker = newWorker({ timeoutMs: callMs });
        await inTime(() => worker.start());
        await under.start();
        await until('the worker starts', () => succeeds(worker.start()));
        await until('an admission succeeds', () => admits([job('send', 1)]));
        await ranAll(1);
      });
    });

    describe('when drained', () => {
      it('lets running steps end and leaves the rest to others', async () => {
        const { promise, resolve } = gate();
        const worker = await working({ run: () => promise, concurrency: { send: 2, look: 2 } });
        await queue.admit(jobs('send', 10));
        await ranAll(2);
        const drained = worker.drain(20_000);
        resolve();
        await drained;
        const taken = ran.length;
        expect(taken).toBeLessThanOrEqual(4); // what was being fetched when the drain began is run too
        expect(await queue.depth()).toEqual({ send: 10 - taken, look: 0 });
        await working();
        await ranAll(10);
        expect(timesRun()).toEqual(new Set([1]));
      });

      it('aborts what does not end in its grace', async () => {
        let aborted = 0;
        const run: StepRunner = (_job, signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              aborted += 1;
              resolve();
            });
          });
        const worker = await working({ run });
        await queue.admit(jobs('look', 3));
        await ranAll(3);
        await worker.drain(50);
        expect(aborted).toBe(3);
      });

      it('drops a job whose worker vanished: its id becomes free, nobody runs it again', async () => {
        const lost = await working({ run: () => gate().promise, lockMs: 1_000 });
        await queue.admit([job('send', 1)]);
        await ranAll(1);
        await lost.drain(0); // the step ignores its signal: the worker goes and leaves it locked, as if killed
        // Before somebody is there who would see that the lock has expired.
        await queue.admit([job('send', 1), job('send', 2)]);
        await working({ lockMs: 1_000 });
        await ranAll(2);
        expect(ran[1]).toEqual(job('send', 2));
        await until('the id is free', async () => {
          await queue.admit([{ ...job('send', 1), leaseId: 'a later lease' }]);
          return ran.length > 2;
        });
        expect(ran[2]).toEqual({ ...job('send', 1), leaseId: 'a later lease' });
      });
    });
  });
};
