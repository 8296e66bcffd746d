import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { touched } from './disk-work.js';
import { isManual, type Snapshot } from './snapshot.js';
import type { Volume } from './volume.js';
import { planWork } from './work.js';

/** EVS reference §8.5. */
export const MAX_MANUAL_SNAPSHOTS = 7;

export interface SnapshotRequest {
  readonly volumeId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly force: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A snapshot as it is taken from a disk. */
export const newSnapshot = (
  { world }: Cloud,
  nowMs: number,
  { id: volumeId, projectId, size, volumeType }: Volume,
  request: Pick<Snapshot, 'name' | 'description' | 'metadata' | 'status' | 'transition'>,
): Snapshot => ({
  id: randomUUID(),
  projectId,
  volumeId,
  ...world.nextBirth(nowMs),
  size,
  volumeType,
  tags: {},
  updatedMicros: null,
  ...request,
});

/** Claims the quota and begins to take a snapshot. */
export const createSnapshot = (cloud: Cloud, call: Call, request: SnapshotRequest): Snapshot | Refusal => {
  const { world } = cloud;
  const { projectId, nowMs, operation } = call;
  const volume = world.volume(request.volumeId);
  if (volume?.projectId !== projectId) return refuse('EVS.5404', 'no such disk');
  const refusal = checkDisk(cloud, volume, request.force) ?? checkRoom(cloud, volume);
  if (refusal) return refusal;
  const work = { type: 'createSnapshot', operation, projectId, diskName: request.name, nowMs } as const;
  const { endMs, outcome } = planWork(cloud, work);
  const { name, description, metadata } = request;
  const transition = { kind: 'create', endMs, outcome } as const;
  const snapshot = newSnapshot(cloud, nowMs, volume, { name, description, metadata, status: 'creating', transition });
  world.commit({ kind: 'accepted', volumes: [], jobs: [], snapshots: [snapshot] });
  return snapshot;
};

/** Which disks give a snapshot, and which only by `force`, is one of the readings. */
const checkDisk = ({ readings }: Cloud, { status }: Volume, force: boolean): Refusal | null => {
  const isReady =
    status === 'available' ||
    (status === 'in-use' && (force || readings.snapshotOfInUse === 'free')) ||
    (status === 'attaching' && force);
  return isReady ? null : refuse('EVS.5400', `the disk is ${status}`);
};

/** The count of the disk, then that of the project, then its capacity. */
const checkRoom = ({ world, readings }: Cloud, { id, projectId, size, volumeType }: Volume): Refusal | null => {
  const project = world.projects.get(projectId);
  if (!project) return refuse('EVS.0001');
  if (project.snapshotsOf(id).filter(isManual).length >= MAX_MANUAL_SNAPSHOTS) {
    const code = readings.snapshotLimit === 'over-limit' ? 'EVS.5413' : readings.snapshotLimit;
    return refuse(code, `a disk has at most ${MAX_MANUAL_SNAPSHOTS} snapshots`);
  }
  const exceeded = project.ledger.exceededBy({ snapshots: 1, gigabytes: size }, volumeType);
  return exceeded && (exceeded === 'snapshots' ? refuse('EVS.5413', 'snapshots') : refuse('EVS.1042'));
};

/** The snapshot that the path names, in the caller's project. */
export const findSnapshot = ({ world }: Cloud, { params, projectId }: Call): Snapshot | Refusal => {
  const snapshot = world.snapshot(params['snapshotId'] ?? '');
  return snapshot?.projectId === projectId ? snapshot : refuse('EVS.5404', 'no such snapshot');
};

/** Begins to delete a snapshot. It holds its quota until it is gone. */
export const deleteSnapshot = (cloud: Cloud, call: Call): Snapshot | Refusal => {
  const snapshot = findSnapshot(cloud, call);
  if (isRefusal(snapshot)) return snapshot;
  const { status, name } = snapshot;
  if (status !== 'available' && status !== 'error') return refuse('EVS.1047', `it is ${status}`);
  const { operation, projectId, nowMs } = call;
  const { endMs, outcome } = planWork(cloud, { type: 'deleteSnapshot', operation, projectId, diskName: name, nowMs });
  const transition = { kind: 'delete', endMs, outcome } as const;
  return changeSnapshot(cloud, call, { ...snapshot, status: 'deleting', transition });
};

/** Begins to set a disk back to one of its own snapshots; both are busy until it is done. */
export const rollBack = (cloud: Cloud, call: Call, volumeId: string): Volume | Refusal => {
  const { world } = cloud;
  const { operation, projectId, nowMs } = call;
  const snapshot = findSnapshot(cloud, call);
  if (isRefusal(snapshot)) return snapshot;
  const volume = world.volume(volumeId);
  if (volume?.projectId !== projectId) return refuse('EVS.5404', 'no such disk');
  if (snapshot.volumeId !== volumeId) return refuse('EVS.5400', 'the snapshot is one of another disk');
  if (snapshot.status !== 'available') return refuse('EVS.5400', `the snapshot is ${snapshot.status}`);
  if (volume.status !== 'available' && volume.status !== 'error_rollbacking')
    return refuse('EVS.5400', `the disk is ${volume.status}`);
  const work = { type: 'rollbackSnapshot', operation, projectId, diskName: snapshot.name, nowMs } as const;
  const { endMs, outcome } = planWork(cloud, work);
  const transition = { kind: 'rollback', endMs, outcome } as const;
  const rolling = touched({ ...volume, status: 'rollbacking', transition }, nowMs);
  const read = touched<Snapshot>({ ...snapshot, status: 'rollbacking', transition }, nowMs);
  world.commit({ kind: 'accepted', volumes: [rolling], jobs: [], snapshots: [read] });
  return rolling;
};

/** Writes a change of a snapshot. */
export const changeSnapshot = ({ world }: Cloud, { nowMs }: Call, snapshot: Snapshot): Snapshot => {
  const changed = touched(snapshot, nowMs);
  world.commit({ kind: 'accepted', volumes: [], jobs: [], snapshots: [changed] });
  return changed;
};
