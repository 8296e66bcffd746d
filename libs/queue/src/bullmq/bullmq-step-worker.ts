import type { Job } from 'bullmq';
import { lanes, StepJob, type Lane } from '../step-queue.js';
import { StepWorker, type OnFault, type StepRunner } from '../step-worker.js';
import { openLaneWorker, type LaneWorker, type QueueBackend } from './backend.js';
import { answeredWithin, settlesWithin } from './deadline.js';

export interface StepWorkerSettings {
  readonly backend: QueueBackend;
  readonly run: StepRunner;
  /** How many steps of each lane run at a time in this process. */
  readonly concurrency: Readonly<Record<Lane, number>>;
  readonly onFault: OnFault;
  /** After this long without a sign of its worker a job is dropped (its id becomes free); default 30 s. */
  readonly lockMs?: number;
  /** Bound on `start`; default 5 s. */
  readonly timeoutMs?: number;
}

/** Time for steps to end after their signal was aborted. */
const abortMs = 1_000;

export class BullmqStepWorker extends StepWorker {
  private workers: readonly LaneWorker[] = [];
  private readonly running = new Map<string, AbortController>();

  constructor(private readonly settings: StepWorkerSettings) {
    super();
  }

  async start(): Promise<void> {
    const workers = lanes.map((lane) => this.workerOf(lane));
    try {
      const ready = Promise.all(workers.map((worker) => worker.waitUntilReady()));
      await answeredWithin(this.settings.timeoutMs ?? 5_000, 'start of the worker', ready);
    } catch (error) {
      void Promise.allSettled(workers.map((worker) => worker.close(true)));
      throw error;
    }
    this.workers = workers;
    for (const worker of workers) worker.run().catch((error: unknown) => this.settings.onFault(error));
  }

  async drain(graceMs: number): Promise<void> {
    const ended = Promise.allSettled(this.workers.map((worker) => worker.close()));
    if (await settlesWithin(graceMs, ended)) return;
    for (const controller of this.running.values()) controller.abort(new Error('the worker stops'));
    if (await settlesWithin(abortMs, ended)) return;
    // What ignores its signal is left to its lease.
    await settlesWithin(abortMs, Promise.allSettled(this.workers.map((worker) => worker.disconnect())));
  }

  private workerOf(lane: Lane): LaneWorker {
    const lockDuration = this.settings.lockMs ?? 30_000;
    const worker = openLaneWorker(this.settings.backend, lane, (job: Job) => this.runOne(lane, job), {
      concurrency: this.settings.concurrency[lane],
      lockDuration,
      stalledInterval: lockDuration / 2,
      maxStalledCount: 0, // dropped, not run again: a lease that ran out is admitted under a new id
      drainDelay: 2, // seconds until an idle worker looks by itself, should a wake-up be lost
      runRetryDelay: 500,
    });
    worker.on('error', (error) => this.settings.onFault(error));
    return worker;
  }

  /** Never rejects: to BullMQ every run is a completed one, and so is removed. */
  private async runOne(lane: Lane, { id, data }: Job): Promise<void> {
    const parsed = StepJob.safeParse({ ...data, jobId: id, lane });
    if (!parsed.success) {
      this.settings.onFault(new Error(`not a step: job ${id}`, { cause: parsed.error }));
      return;
    }
    const job = parsed.data;
    const controller = new AbortController();
    this.running.set(job.jobId, controller);
    try {
      await this.settings.run(job, controller.signal);
    } catch (error) {
      this.settings.onFault(error, job);
    } finally {
      this.running.delete(job.jobId);
    }
  }
}
