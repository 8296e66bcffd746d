import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import { outline } from '../evs/jobs.js';
import type { Answer } from '../http/envelope.js';
import { refuse, type Refusal } from '../http/refusal.js';

/** What became of work that ECS has accepted: the same form as with EVS, but each service knows only its own (EVS reference §1.3). */
export const serverJobRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'serverJobs.get',
    method: 'GET',
    paths: ['/ecs/v1/:projectId/jobs/:jobId'],
    surface: 'ecs-jobs',
    handle: (call) => look(cloud, call),
  },
];

const look = ({ world, faults }: Cloud, { params, projectId, operation, nowMs }: Call): Answer | Refusal => {
  const job = world.jobs.get(params['jobId'] ?? '');
  if (job?.projectId !== projectId || job.serverId === undefined || job.lost) return refuse('Common.0011');
  const diskName = world.volume(job.volumeId ?? '')?.name ?? null;
  if (faults.fireNamed(['job-lost'], { operation, projectId, diskName })) return refuse('Common.0011');
  const entities = { server_id: job.serverId, volume_id: job.volumeId };
  return { status: 200, body: { ...outline(job, nowMs), entities } };
};
