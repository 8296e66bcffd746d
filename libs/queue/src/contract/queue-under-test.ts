import { OperationId, ProjectId } from '@strata/kernel';
import { stepJobId, type Lane, type StepJob, type StepQueue } from '../step-queue.js';
import type { OnFault, StepRunner, StepWorker } from '../step-worker.js';

export interface WorkerUnderTest {
  readonly run: StepRunner;
  readonly concurrency: Readonly<Record<Lane, number>>;
  readonly onFault: OnFault;
  readonly lockMs?: number;
  /** Of its start. */
  readonly timeoutMs: number;
}

/** One adapter with a back end of its own, which the suite empties, stops and starts as it likes. */
export interface QueueUnderTest {
  /** Calls to it are bounded by `timeoutMs`. */
  openQueue(timeoutMs: number): StepQueue;
  openWorker(worker: WorkerUnderTest): StepWorker;
  /** All data gone, connections stay. */
  wipe(): Promise<void>;
  /** The back end goes away without a word to its clients … */
  stop(): Promise<void>;
  /** … and comes back at the same address, with or without what it held. */
  start(): Promise<void>;
  end(): Promise<void>;
}

const uuid = (n: number) => `01936000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** The `n`th job of a lane; two with equal arguments are the same admission of the same step. */
export const job = (lane: Lane, n: number, admission = 1): StepJob => {
  const operationId = OperationId.parse(uuid(n));
  return {
    jobId: stepJobId(operationId, lane, admission),
    operationId,
    projectId: ProjectId.parse(uuid(n % 7)),
    lane,
    leaseId: `lease-${n}-${admission}`,
  };
};

export const jobs = (lane: Lane, count: number, from = 0): StepJob[] =>
  Array.from({ length: count }, (_, i) => job(lane, from + i));
