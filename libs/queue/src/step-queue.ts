import { OperationId, ProjectId } from '@strata/kernel';
import { z } from 'zod';

/** Sends change the cloud, looks observe it. Each class has its own share of the workers (architecture §6). */
export const lanes = ['send', 'look'] as const;
export type Lane = (typeof lanes)[number];

/**
 * What is handed to a worker: ids only, never state and never a secret. The runner loads what is true now, and does
 * nothing when the lease is no longer that of the step: a job can be old.
 */
export const StepJob = z.strictObject({
  /** See `stepJobId`. */
  jobId: z.string().regex(/^[\w-]+\.[\w-]+\.\d+$/, 'must be <operation>.<step>.<n>'),
  operationId: OperationId,
  projectId: ProjectId,
  lane: z.enum(lanes),
  leaseId: z.string().min(1).max(100),
});
export type StepJob = Readonly<z.infer<typeof StepJob>>;

/** `n` counts the admissions of a step: a lease that ran out is admitted again under the next one. */
export const stepJobId = (operationId: OperationId, step: string, n: number): string => `${operationId}.${step}.${n}`;

/** The queue does not answer in time. What was being admitted may have arrived all the same: admit it again. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
}

/** What may run now. Holds nothing that the log does not: it may be wiped at any time, and refills. */
export abstract class StepQueue {
  /**
   * In the order given, but for jobs fewer than ten places apart, which may change places. A job id that still exists (waiting or running) is ignored.
   * Throws `QueueUnavailable` within a bounded time.
   */
  abstract admit(jobs: readonly StepJob[]): Promise<void>;

  /** How many jobs wait for a worker. Throws `QueueUnavailable` within a bounded time. */
  abstract depth(): Promise<Readonly<Record<Lane, number>>>;

  abstract close(): Promise<void>;
}
