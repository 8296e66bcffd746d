import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { refuse, type Refusal } from '../http/refusal.js';
import { statusOf, type Job } from '../world/job.js';
import { jobTime } from '../world/times.js';
import type { World } from '../world/world.js';

/** What became of accepted work (N10; EVS reference §1.3). */
export const jobRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'jobs.get',
    method: 'GET',
    paths: ['/v1/:projectId/jobs/:jobId'],
    surface: 'jobs',
    handle: (call) => look(cloud, call),
  },
];

const look = ({ world, faults }: Cloud, { params, projectId, operation, nowMs }: Call): Answer | Refusal => {
  const job = world.jobs.get(params['jobId'] ?? '');
  if (job?.projectId !== projectId || job.serverId !== undefined || job.lost) return refuse('Common.0011');
  if (faults.fireNamed(['job-lost'], { operation, projectId, diskName: job.name })) return refuse('Common.0011');
  return { status: 200, body: jobView(world, job, nowMs) };
};

const jobView = (world: World, job: Job, nowMs: number) => ({
  ...outline(job, nowMs),
  entities: job.type === 'batchCreateVolume' ? { sub_jobs: subJobs(world, job, nowMs) } : madeBy(job, nowMs),
});

/** As part of its batch a job tells no more of its disk than the id. */
const subJobs = (world: World, { subJobIds }: Job, nowMs: number) =>
  subJobIds
    .flatMap((id) => world.jobs.get(id) ?? [])
    .map((sub) => ({ ...outline(sub, nowMs), entities: diskOf(sub, nowMs) }));

/** What every service says of a job. */
export const outline = (job: Job, nowMs: number) => {
  const status = statusOf(job, nowMs);
  const failure = status === 'FAIL' && job.outcome.type === 'failure' ? job.outcome : null;
  return {
    status,
    job_id: job.id,
    job_type: job.type,
    begin_time: jobTime(job.beginMs),
    end_time: job.endMs !== null && nowMs >= job.endMs ? jobTime(job.endMs) : '',
    error_code: failure?.code ?? null,
    fail_reason: failure?.reason ?? null,
  };
};

/** The disk's id, once the work has begun. */
const diskOf = (job: Job, nowMs: number) => (statusOf(job, nowMs) === 'INIT' ? {} : { volume_id: job.volumeId });

/** After success also what was made of the disk. */
const madeBy = (job: Job, nowMs: number) => {
  const disk = diskOf(job, nowMs);
  if (statusOf(job, nowMs) !== 'SUCCESS') return disk;
  if (job.type === 'createVolume') return { ...disk, name: job.name, size: job.size, volume_type: job.volumeType };
  return job.type === 'extendVolume' ? { ...disk, size: job.size } : disk;
};
