import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { isUuid } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { EXTENDABLE } from './server.js';
import type { Snapshot } from './snapshot.js';
import { DELETABLE, type Transition, type Volume } from './volume.js';
import { batchJob, jobFor, planWork, type Plan } from './work.js';

export const MAX_SIZE_GB = 32_768;
export const MIN_SIZE_GB = 10;
export const MAX_SYSTEM_SIZE_GB = 1_024;

/** What a create asks for, after every rule that needs no quota. */
export interface DiskRequest {
  readonly zone: string;
  readonly volumeType: string;
  readonly size: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly count: number;
  readonly multiattach: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether it is a system disk. */
  readonly bootable: boolean;
  /** What it is made from. */
  readonly snapshotId?: string;
  /** Of its image, or of that of the snapshot's disk. */
  readonly imageMetadata?: Readonly<Record<string, string>>;
}

export interface Accepted {
  readonly jobId: string;
  readonly volumes: readonly Volume[];
}

/** A batch `shard` of two is named `shard-0001`, `shard-0002`, or by the other reading from `shard-0000` on. */
const nameInBatch = ({ readings }: Cloud, { name, count }: DiskRequest, index: number): string | null => {
  if (name === null || count === 1) return name;
  const ordinal = readings.batchNumbers === 'from-1' ? index + 1 : index;
  return `${name}-${String(ordinal).padStart(4, '0')}`;
};

/** Claims the quota and begins to make the disks, or refuses without a trace. */
export const createDisks = (cloud: Cloud, call: Call, request: DiskRequest): Accepted | Refusal => {
  const { world } = cloud;
  const { projectId, nowMs, operation } = call;
  const overQuota = checkQuota(cloud, projectId, request.volumeType, request.size, {
    volumes: request.count,
    gigabytes: request.count * request.size,
  });
  if (overQuota) return overQuotaAsRead(cloud, call, request, overQuota);
  const made = Array.from({ length: request.count }, (_, index) => {
    const name = nameInBatch(cloud, request, index);
    const plan = planWork(cloud, { type: 'createVolume', operation, projectId, diskName: name, nowMs });
    const volume = newborn(cloud, call, { ...request, name }, plan);
    return { volume, job: jobFor('createVolume', volume, plan, volume.size) };
  });
  const jobs = made.map(({ job }) => job);
  const [only] = jobs;
  const answerable = jobs.length === 1 && only ? only : batchJob(projectId, jobs, nowMs);
  const volumes = made.map(({ volume }) => volume);
  world.commit({ kind: 'accepted', volumes, jobs: answerable === only ? jobs : [...jobs, answerable] });
  return { jobId: answerable.id, volumes };
};

/** Refused at once, or by a job that leaves nothing (EVS reference §3, §10). */
const overQuotaAsRead = (cloud: Cloud, call: Call, request: DiskRequest, refusal: Refusal): Accepted | Refusal => {
  const { projectId, nowMs, operation, surface } = call;
  if (cloud.readings.overQuota !== 'by-job' || surface !== 'native') return refusal;
  const plan = planWork(cloud, { type: 'createVolume', operation, projectId, diskName: request.name, nowMs });
  const { refused: code, message: reason } = refusal;
  const failing: Plan = { ...plan, outcome: { type: 'failure', code, reason, leaveNothing: true } };
  const job = { ...jobFor('createVolume', newborn(cloud, call, request, failing), failing), volumeId: null };
  cloud.world.commit({ kind: 'accepted', volumes: [], jobs: [job] });
  return { jobId: job.id, volumes: [] };
};

const newborn = ({ world }: Cloud, { projectId, nowMs }: Call, request: DiskRequest, plan: Plan): Volume => ({
  id: randomUUID(),
  // Not as the path has it: a piece of it would keep the whole of it.
  projectId: world.projects.get(projectId)?.id ?? projectId,
  ...world.nextBirth(nowMs),
  name: request.name,
  description: request.description,
  status: 'creating',
  size: request.size,
  volumeType: request.volumeType,
  zone: request.zone,
  bootable: request.bootable,
  ...(request.snapshotId === undefined ? {} : { snapshotId: request.snapshotId }),
  ...(request.imageMetadata === undefined ? {} : { imageMetadata: request.imageMetadata }),
  multiattach: request.multiattach,
  attachments: [],
  metadata: request.metadata,
  tags: request.tags,
  updatedMicros: null,
  transition: birth(request, plan),
});

/** `creating`, and from an image `downloading` until its data are there (EVS reference §2.1); from a snapshot they are at once. */
const birth = ({ snapshotId, imageMetadata }: DiskRequest, { runMs, endMs, outcome }: Plan): Transition => {
  const then = { endMs, outcome };
  return imageMetadata === undefined || snapshotId !== undefined
    ? { kind: 'create', ...then }
    : { kind: 'prepare', endMs: runMs, outcome: { type: 'success' }, then };
};

/** Begins to delete a disk and its snapshots. They hold their quota until they are gone. */
export const deleteDisk = (cloud: Cloud, call: Call): Accepted | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  if (!DELETABLE.includes(volume.status)) return refuse('EVS.1046', `it is ${volume.status}`);
  if (volume.attachments.length > 0) return refuse('EVS.1046', 'it is attached');
  if (hasRunningBackup(cloud, volume)) return refuse('EVS.2130');
  const { operation, projectId, nowMs } = call;
  const plan = planWork(cloud, { type: 'deleteVolume', operation, projectId, diskName: volume.name, nowMs });
  const { endMs, outcome } = plan;
  const deleting: Volume = touched(
    { ...volume, status: 'deleting', transition: { kind: 'delete', endMs, outcome } },
    nowMs,
  );
  const job = jobFor('deleteVolume', volume, plan);
  const snapshots = deletedWith(cloud, volume, endMs, nowMs);
  cloud.world.commit({ kind: 'accepted', volumes: [deleting], jobs: [job], snapshots });
  return { jobId: job.id, volumes: [deleting] };
};

/** The snapshots of a disk that is being deleted go with it, at the same time; they are gone also when the disk is left in error. */
const deletedWith = (cloud: Cloud, { id, projectId }: Volume, endMs: number | null, nowMs: number): Snapshot[] => {
  const transition = { kind: 'delete', endMs, outcome: { type: 'success' } } as const;
  const snapshots = cloud.world.projects.get(projectId)?.snapshotsOf(id) ?? [];
  return snapshots.map((snapshot) => touched<Snapshot>({ ...snapshot, status: 'deleting', transition }, nowMs));
};

const hasRunningBackup = ({ world }: Cloud, { id, projectId }: Volume): boolean =>
  world.projects
    .get(projectId)
    ?.snapshotsOf(id)
    .some(({ status }) => status === 'backing-up') ?? false;

/** Begins to extend a disk; the difference is claimed at once. */
export const extendDisk = (cloud: Cloud, call: Call, newSize: number): Accepted | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const refusal = checkExtension(cloud, volume, newSize);
  if (refusal) return refusal;
  const { operation, projectId, nowMs } = call;
  const plan = planWork(cloud, { type: 'extendVolume', operation, projectId, diskName: volume.name, nowMs });
  const { endMs, outcome } = plan;
  const transition = { kind: 'extend', newSize, previousStatus: volume.status, endMs, outcome } as const;
  const extending: Volume = touched({ ...volume, status: 'extending', transition }, nowMs);
  const job = jobFor('extendVolume', volume, plan, newSize);
  cloud.world.commit({ kind: 'accepted', volumes: [extending], jobs: [job] });
  return { jobId: job.id, volumes: [extending] };
};

const checkExtension = (cloud: Cloud, volume: Volume, newSize: number): Refusal | null => {
  if (volume.status !== 'available' && volume.status !== 'in-use') return refuse('EVS.1064', `it is ${volume.status}`);
  if (volume.status === 'in-use' && volume.multiattach) return refuse('EVS.1065');
  const { servers } = cloud.world.projects.get(volume.projectId) ?? {};
  const held = volume.attachments.flatMap(({ serverId }) => servers?.get(serverId) ?? []);
  const unready = held.find(({ status }) => !EXTENDABLE.includes(status));
  if (unready) return refuse('EVS.1066', `the server is ${unready.status}`);
  if (newSize <= volume.size) return refuse('EVS.1015', `${newSize} is not more than ${volume.size}`);
  const largest = volume.bootable ? MAX_SYSTEM_SIZE_GB : MAX_SIZE_GB;
  if (newSize > largest) return refuse('EVS.1010', `at most ${largest} GB`);
  const more = { volumes: 0, gigabytes: newSize - volume.size };
  return checkQuota(cloud, volume.projectId, volume.volumeType, newSize, more);
};

const checkQuota = (
  { world }: Cloud,
  projectId: string,
  volumeType: string,
  size: number,
  more: { readonly volumes: number; readonly gigabytes: number },
): Refusal | null => {
  const ledger = world.projects.get(projectId)?.ledger;
  if (!ledger) return refuse('EVS.0001');
  const largest = ledger.limit('per_volume_gigabytes');
  if (largest >= 0 && size > largest) return refuse('EVS.1042', `a single disk may have ${largest} GB`);
  const exceeded = ledger.exceededBy(more, volumeType);
  if (exceeded) return refuse(exceeded === 'volumes' ? 'EVS.1034' : 'EVS.1042');
  return null;
};

/** The disk that the path names, in the caller's project. */
export const findVolume = ({ world }: Cloud, { params, projectId, surface }: Call): Volume | Refusal => {
  const id = params['volumeId'] ?? '';
  if (surface === 'native' && !isUuid(id)) return refuse('EVS.1002', id);
  const volume = world.volume(id);
  return volume?.projectId === projectId ? volume : refuse('EVS.5404', 'no such disk');
};

/** The same disk or snapshot, changed now. */
export const touched = <Resource extends Volume | Snapshot>(resource: Resource, nowMs: number): Resource => ({
  ...resource,
  updatedMicros: Math.max(nowMs * 1_000, resource.createdMicros) + (resource.seq % 1_000),
});

/** Writes a change of a disk that takes no time. */
export const changeDisk = ({ world }: Cloud, { nowMs }: Call, volume: Volume): Volume => {
  const changed = touched(volume, nowMs);
  world.commit({ kind: 'accepted', volumes: [changed], jobs: [] });
  return changed;
};
