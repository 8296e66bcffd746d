import type { BulkJobOptions } from 'bullmq';
import { lanes, QueueUnavailable, StepQueue, type Lane, type StepJob } from '../step-queue.js';
import type { OnFault } from '../step-worker.js';
import { openLaneQueue, type LaneQueue, type QueueBackend } from './backend.js';
import { answeredWithin, settlesWithin } from './deadline.js';

type LaneQueues = Readonly<Record<Lane, LaneQueue>>;

export interface StepQueueSettings {
  readonly backend: QueueBackend;
  /** Bound on every call; default 5 s. */
  readonly timeoutMs?: number;
  readonly onFault: OnFault;
}

const bulkOf = 500;
/**
 * A bulk insert in PostgreSQL makes and drops temporary tables: 6 ms on a quiet machine and far more on a busy one, however
 * few the jobs. A single one does not (0.1 to 0.8 ms), and several at a time share the wait.
 */
const singlyUpTo = 64;
const singlyAtATime = 8;

const jobOptions = (jobId: string): BulkJobOptions => ({
  jobId,
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
});

/** What is stored; the lane is the queue's, the id the job's. */
const stored = ({ operationId, projectId, leaseId }: StepJob) => ({ operationId, projectId, leaseId });

/** All have the same priority. Counted by it: the count of a state counts every job in PostgreSQL, also those under way. */
const waitingIn = async (queue: LaneQueue): Promise<number> => (await queue.getCountsPerPriority([0]))['0'] ?? 0;

const inBulks = (jobs: readonly StepJob[]): (readonly StepJob[])[] =>
  Array.from({ length: Math.ceil(jobs.length / bulkOf) }, (_, i) => jobs.slice(i * bulkOf, (i + 1) * bulkOf));

export class BullmqStepQueue extends StepQueue {
  private readonly timeoutMs: number;
  private opened: Promise<LaneQueues> | undefined;
  private closed = false;

  constructor(private readonly settings: StepQueueSettings) {
    super();
    this.timeoutMs = settings.timeoutMs ?? 5_000;
  }

  async admit(jobs: readonly StepJob[]): Promise<void> {
    await answeredWithin(this.timeoutMs, 'admission', this.admitNow(jobs));
  }

  async depth(): Promise<Readonly<Record<Lane, number>>> {
    const counts = this.queues().then(({ send, look }) => Promise.all([waitingIn(send), waitingIn(look)]));
    const [send, look] = await answeredWithin(this.timeoutMs, 'depth', counts);
    return { send, look };
  }

  async close(): Promise<void> {
    this.closed = true;
    const queues = await this.opened?.catch(() => undefined);
    if (queues) await this.closeAll(queues);
  }

  private async admitNow(jobs: readonly StepJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const queues = await this.queues();
    await Promise.all(
      lanes.map((lane) => {
        return this.admitTo(
          queues[lane],
          jobs.filter((job) => job.lane === lane),
        );
      }),
    );
  }

  private async admitTo(queue: LaneQueue, jobs: readonly StepJob[]): Promise<void> {
    if (this.settings.backend.kind === 'postgres' && jobs.length <= singlyUpTo) {
      for (let begin = 0; begin < jobs.length; begin += singlyAtATime) {
        const some = jobs.slice(begin, begin + singlyAtATime);
        await Promise.all(some.map((job) => queue.add('step', stored(job), jobOptions(job.jobId))));
      }
      return;
    }
    for (const bulk of inBulks(jobs)) {
      await queue.addBulk(bulk.map((job) => ({ name: 'step', data: stored(job), opts: jobOptions(job.jobId) })));
    }
  }

  /** BullMQ remembers a first connection that failed, for good: so that one is thrown away, and the next call tries anew. */
  private queues(): Promise<LaneQueues> {
    if (this.closed) return Promise.reject(new QueueUnavailable('the queue is closed'));
    this.opened ??= this.open().catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }

  private async open(): Promise<LaneQueues> {
    const queues = { send: this.queueOf('send'), look: this.queueOf('look') };
    try {
      const ready = Promise.all([queues.send.waitUntilReady(), queues.look.waitUntilReady()]);
      await answeredWithin(this.timeoutMs, 'connection', ready);
      return queues;
    } catch (error) {
      void this.closeAll(queues);
      throw error;
    }
  }

  private queueOf(lane: Lane): LaneQueue {
    const queue = openLaneQueue(this.settings.backend, lane);
    queue.on('error', (error) => this.settings.onFault(error));
    return queue;
  }

  private async closeAll(queues: LaneQueues): Promise<void> {
    const all = Object.values(queues);
    const ended = Promise.allSettled(all.map((queue) => queue.close()));
    if (!(await settlesWithin(this.timeoutMs, ended))) void Promise.allSettled(all.map((queue) => queue.disconnect()));
  }
}
