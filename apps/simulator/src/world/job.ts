import type { WorkOutcome } from './volume.js';

export type JobType =
  | 'createVolume'
  | 'batchCreateVolume'
  | 'deleteVolume'
  | 'extendVolume'
  | 'retypeVolume'
  | 'attachVolume'
  | 'detachVolume';
export type JobStatus = 'INIT' | 'RUNNING' | 'SUCCESS' | 'FAIL';

/** When a piece of work begins, is taken up and ends, by the simulator's clock. `endMs` null: never. */
export interface Schedule {
  readonly beginMs: number;
  readonly runMs: number;
  readonly endMs: number | null;
}

/** A job says nothing that its schedule does not: its status is computed when somebody looks. */
export interface Job extends Schedule {
  readonly id: string;
  readonly projectId: string;
  readonly type: JobType;
  readonly outcome: WorkOutcome;
  /** The cloud has forgotten it: asking for it answers Common.0011 although the work goes on. */
  readonly lost: boolean;
  /** Null for the parent of a batch. */
  readonly volumeId: string | null;
  readonly name: string | null;
  readonly size: number | null;
  readonly volumeType: string | null;
  /** The server that the work is about: then the job is one of ECS, and EVS knows nothing of it. */
  readonly serverId?: string;
  readonly subJobIds: readonly string[];
}

export const statusOf = (job: Job, nowMs: number): JobStatus => {
  if (job.endMs !== null && nowMs >= job.endMs) return job.outcome.type === 'success' ? 'SUCCESS' : 'FAIL';
  return nowMs >= job.runMs ? 'RUNNING' : 'INIT';
};
