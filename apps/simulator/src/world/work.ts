import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { Operation } from '../http/operation.js';
import type { Job, JobType, Schedule } from './job.js';
import type { Volume, WorkOutcome } from './volume.js';

/** The share of a job's time that it waits in INIT. */
const initShare = 0.2;

const failures = {
  createVolume: { code: 'EVS.2024', reason: 'the created disk is in error' },
  extendVolume: { code: 'EVS.2026', reason: 'the extension ended in error_extending' },
  retypeVolume: { code: 'EVS.5500', reason: 'the type could not be changed; the disk is as it was' },
  deleteVolume: { code: 'EVS.2020', reason: 'the deletion ended in error_deleting' },
  attachVolume: { code: 'Ecs.0205', reason: 'the disk could not be attached' },
  detachVolume: { code: 'Ecs.0405', reason: 'the disk could not be released' },
  createSnapshot: { code: 'EVS.5500', reason: 'the created snapshot is in error' },
  deleteSnapshot: { code: 'EVS.2019', reason: 'the deletion ended in error_deleting' },
  uploadImage: { code: 'EVS.5500', reason: 'the image came to nothing' },
  rollbackSnapshot: { code: 'EVS.5500', reason: 'the rollback ended in error_rollbacking' },
} as const;

/** Work on snapshots and images is followed by their status alone: there is no job to lose. */
const jobless: readonly (keyof typeof failures)[] = [
  'createSnapshot',
  'deleteSnapshot',
  'rollbackSnapshot',
  'uploadImage',
];

/** What the cloud has in store for one piece of work, decided when it is accepted. */
export interface Plan extends Schedule {
  readonly outcome: WorkOutcome;
  readonly lost: boolean;
}

const success: WorkOutcome = { type: 'success' };

export interface WorkRequest {
  readonly type: keyof typeof failures;
  readonly operation: Operation;
  readonly projectId: string;
  readonly diskName: string | null;
  readonly nowMs: number;
}

export const planWork = ({ faults, latency }: Cloud, request: WorkRequest): Plan => {
  const { type, nowMs } = request;
  const stuck = faults.fire(['job-stuck'], request) !== null;
  const failed = stuck ? null : faults.fire(['job-failed'], request);
  return {
    beginMs: nowMs,
    runMs: nowMs + Math.floor(latency.jobMs * initShare),
    endMs: stuck ? null : nowMs + latency.jobMs,
    outcome: failed ? { type: 'failure', ...failures[type], leaveNothing: failed.leaveNothing ?? false } : success,
    lost: !jobless.includes(type) && faults.fire(['job-lost'], request) !== null,
  };
};

const newJobId = (): string => randomUUID().replaceAll('-', '');

export const jobFor = (type: JobType, volume: Volume, plan: Plan, size: number | null = null): Job => ({
  id: newJobId(),
  projectId: volume.projectId,
  type,
  beginMs: plan.beginMs,
  runMs: plan.runMs,
  endMs: plan.endMs,
  outcome: plan.outcome,
  lost: plan.lost,
  volumeId: volume.id,
  name: type === 'createVolume' ? volume.name : null,
  size,
  volumeType: type === 'createVolume' ? volume.volumeType : null,
  subJobIds: [],
});

/** The parent ends with its last sub-job, and fails when one of them did. */
export const batchJob = (projectId: string, subJobs: readonly Job[], nowMs: number): Job => {
  const failed = subJobs.find(({ outcome }) => outcome.type === 'failure');
  const endless = subJobs.some(({ endMs }) => endMs === null);
  return {
    id: newJobId(),
    projectId,
    type: 'batchCreateVolume',
    beginMs: nowMs,
    runMs: Math.min(...subJobs.map(({ runMs }) => runMs)),
    endMs: endless ? null : Math.max(...subJobs.map(({ endMs }) => endMs ?? 0)),
    outcome: failed ? { type: 'failure', code: 'EVS.2024', reason: 'a sub-job failed', leaveNothing: false } : success,
    lost: subJobs.some(({ lost }) => lost),
    volumeId: null,
    name: null,
    size: null,
    volumeType: null,
    subJobIds: subJobs.map(({ id }) => id),
  };
};
