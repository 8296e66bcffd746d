import { quotaSet } from '../cinder/quotas.js';
import type { Cloud } from '../cloud.js';
import type { CloudProject } from '../world/cloud-project.js';
import type { Image } from '../world/image.js';
import { statusOf, type Job } from '../world/job.js';
import type { Server } from '../world/server.js';
import type { Snapshot } from '../world/snapshot.js';
import { jobTime, resourceTime, secondTime } from '../world/times.js';
import type { Transfer } from '../world/transfer.js';
import type { Volume } from '../world/volume.js';

/** Everything in the simulated cloud, for tests and people to count. Tokens are left out: they are secrets. */
export const stateView = ({ world, latency, readings, faults }: Cloud, nowMs: number, only: string | undefined) => {
  const jobs = Map.groupBy(world.jobs.values(), ({ projectId }) => projectId);
  const projects = [...world.projects.values()].filter(({ id }) => only === undefined || id === only);
  return {
    clock: { now: jobTime(nowMs), rate: world.clock.rate },
    latency,
    readings,
    faults: faults.list(),
    zones: Object.fromEntries(world.zones),
    images: world.images.all().map(imageStateView),
    projects: projects.map((project) =>
      projectView(project, {
        jobs: (jobs.get(project.id) ?? []).map((job) => jobView(job, nowMs)),
        transfers: world.transfers.of(project.id).map(transferView),
        quota: quotaSet(world, project),
      }),
    ),
  };
};

/** `beside`: what is kept elsewhere. */
const projectView = (project: CloudProject, beside: Readonly<Record<'jobs' | 'transfers' | 'quota', unknown>>) => ({
  id: project.id,
  name: project.name,
  disks: [...project.disks.newestFirst()].map(diskView),
  snapshots: [...project.snapshots.newestFirst()].map(snapshotView),
  servers: [...project.servers.values()].map(serverView),
  ...beside,
});

/** Without its key: that is a secret. */
const transferView = ({ id, volumeId, name, createdMicros }: Transfer) => ({
  id,
  diskId: volumeId,
  name,
  createdAt: resourceTime(createdMicros),
});

export const diskView = (volume: Volume) => ({
  id: volume.id,
  name: volume.name,
  description: volume.description,
  status: volume.status,
  size: volume.size,
  volumeType: volume.volumeType,
  availabilityZone: volume.zone,
  bootable: volume.bootable,
  snapshotId: volume.snapshotId ?? null,
  imageId: volume.imageMetadata?.['image_id'] ?? null,
  multiattach: volume.multiattach,
  attachments: volume.attachments.map(({ attachedMicros, ...place }) => ({
    ...place,
    attachedAt: resourceTime(attachedMicros),
  })),
  metadata: volume.metadata,
  tags: volume.tags,
  createdAt: resourceTime(volume.createdMicros),
});

export const snapshotView = (snapshot: Snapshot) => ({
  id: snapshot.id,
  diskId: snapshot.volumeId,
  name: snapshot.name,
  description: snapshot.description,
  status: snapshot.status,
  size: snapshot.size,
  metadata: snapshot.metadata,
  tags: snapshot.tags,
  createdAt: resourceTime(snapshot.createdMicros),
});

export const serverView = (server: Server) => ({
  id: server.id,
  name: server.name,
  status: server.status,
  availabilityZone: server.zone,
  osType: server.osType,
});

export const imageStateView = ({ createdMs, updatedMs, ...image }: Image) => ({
  ...image,
  createdAt: secondTime(createdMs),
  updatedAt: secondTime(updatedMs),
});

const jobView = (job: Job, nowMs: number) => ({
  id: job.id,
  type: job.type,
  status: statusOf(job, nowMs),
  lost: job.lost,
  diskId: job.volumeId,
  errorCode: statusOf(job, nowMs) === 'FAIL' && job.outcome.type === 'failure' ? job.outcome.code : null,
  beginTime: jobTime(job.beginMs),
});
