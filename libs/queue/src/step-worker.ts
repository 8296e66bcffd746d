import type { StepJob } from './step-queue.js';

/** One short step. `signal` aborts when the worker has to stop and the grace is over. */
export type StepRunner = (job: StepJob, signal: AbortSignal) => Promise<void>;

/**
 * Told of what goes wrong: a runner that threw (with its job), or the queue itself (without). In both cases the worker
 * goes on; the job is gone from the queue, and its lease brings it back.
 */
export type OnFault = (error: unknown, job?: StepJob) => void;

/**
 * Takes jobs and runs each once, at most `concurrency` of a lane at a time. It survives a wipe and a restart of the
 * queue. A job whose worker died is dropped, never run a second time: bringing it back is the lease's business.
 */
export abstract class StepWorker {
  /** Resolves when jobs are being taken. Throws `QueueUnavailable` when the queue cannot be reached now. */
  abstract start(): Promise<void>;

  /** Takes no more, lets running steps end for `graceMs`, then aborts them; resolves in little more than that. */
  abstract drain(graceMs: number): Promise<void>;
}
