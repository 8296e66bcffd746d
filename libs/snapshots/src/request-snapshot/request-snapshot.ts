import { decideDisk, diskOf, diskStream, type DiskRefusal } from '@strata/disks';
import type { LoadedStream } from '@strata/event-store';
import { OperationId, SnapshotId, type BindingId, type DiskId, type ProjectId } from '@strata/kernel';
import { executeOperation, planOperation, type ExecutedOperation, type NewPart } from '@strata/operations';
import { namesNothing, planRefused, type CommandPorts, type Planned, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { decideSnapshot, initialSnapshot, type SnapshotRefusal, type SnapshotSpec } from '../snapshot/index.js';
import { snapshotStream } from '../snapshot/snapshot.stream.js';
import { extentOf, isForced } from './create-snapshot.rules.js';

export interface NewSnapshot {
  readonly projectId: ProjectId;
  readonly diskId: DiskId;
  readonly spec: SnapshotSpec;
  readonly force: boolean;
}

export type RequestSnapshotRefusal = DiskRefusal | SnapshotRefusal;

interface NewIds {
  readonly operationId: OperationId;
  readonly snapshotId: SnapshotId;
}

/** The snapshot and its operation come into being in one append with what its disk knows of it. */
export const requestSnapshot = (
  ports: CommandPorts,
  call: WriteCall,
  wanted: NewSnapshot,
): Promise<ExecutedOperation<RequestSnapshotRefusal>> => {
  // Made before the decision, which may be made several times.
  const ids = { operationId: OperationId.parse(newId()), snapshotId: SnapshotId.parse(newId()) };
  return executeOperation<RequestSnapshotRefusal>(ports, call, {
    role: 'operator',
    projectId: wanted.projectId,
    streams: [diskStream(wanted.diskId)],
    decide: ({ streams: [disk] }) => planOf(wanted, ids, disk),
  });
};

const planOf = (
  wanted: NewSnapshot,
  ids: NewIds,
  loaded: LoadedStream | undefined,
): Planned<RequestSnapshotRefusal> => {
  const decided = decideOn(wanted, { ...ids, shownAs: ids.operationId }, loaded);
  if (!decided.accepted) return planRefused(namedDisk(decided.refusal, '/diskId'));
  const { part, bindingId } = decided;
  return planOperation({ ...part, kind: 'snapshot.create', projectId: wanted.projectId, bindingId });
};

/** `pointer`: to the member of the body that names the disk. */
export const namedDisk = (refusal: RequestSnapshotRefusal, pointer: string): RequestSnapshotRefusal =>
  refusal.type === 'not-found' ? namesNothing(pointer) : refusal;

export type DecidedSnapshot =
  | { readonly accepted: true; readonly part: NewPart; readonly bindingId: BindingId }
  | { readonly accepted: false; readonly refusal: RequestSnapshotRefusal };

/** One snapshot of one disk, as an operation or a part of one. */
export const decideOn = (
  { projectId, diskId, spec, force }: NewSnapshot,
  { operationId, shownAs, snapshotId }: NewIds & { readonly shownAs: OperationId },
  loaded: LoadedStream | undefined,
): DecidedSnapshot => {
  const disk = loaded ? diskOf(loaded) : ({ life: 'absent' } as const);
  if (!loaded || disk.life === 'absent' || disk.projectId !== projectId)
    return { accepted: false, refusal: { type: 'not-found' } };
  const work = { operationId, shownAs };
  const ofDisk = decideDisk({ type: 'RequestSnapshot', snapshotId, work }, disk);
  if (!ofDisk.accepted) return ofDisk;
  if (disk.life !== 'in-cloud') throw new Error('a snapshot was accepted of what is not in the cloud');
  const { bindingId, cloudId: cloudDiskId } = disk;
  const ids = { snapshotId, projectId, bindingId, diskId };
  const decided = decideSnapshot(
    { type: 'RequestSnapshot', ...ids, spec, extent: extentOf(disk), work },
    initialSnapshot,
  );
  if (!decided.accepted) return decided;
  const part: NewPart = {
    operationId,
    target: { type: 'snapshot', id: snapshotId },
    input: { snapshotId, diskId, cloudDiskId, ...spec, force: isForced(disk, force) },
    resources: [
      { stream: snapshotStream(snapshotId), projectId, expectedVersion: 0, events: decided.events },
      { stream: loaded.stream, projectId, expectedVersion: loaded.version, events: ofDisk.events },
    ],
  };
  return { accepted: true, part, bindingId };
};
