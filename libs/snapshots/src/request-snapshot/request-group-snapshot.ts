import { diskStream } from '@strata/disks';
import type { Loaded } from '@strata/event-store';
import { OperationId, SnapshotId, type DiskId, type ProjectId } from '@strata/kernel';
import { executeOperation, planBatch, type ExecutedOperation } from '@strata/operations';
import { planRefused, type CommandPorts, type Planned, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import type { SnapshotSpec } from '../snapshot/index.js';
import { decideOn, namedDisk, type RequestSnapshotRefusal } from './request-snapshot.js';

export interface NewGroupSnapshot {
  readonly projectId: ProjectId;
  /** Each once. */
  readonly diskIds: readonly DiskId[];
  readonly spec: SnapshotSpec;
  readonly force: boolean;
}

interface NewMember {
  readonly diskId: DiskId;
  readonly snapshotId: SnapshotId;
  readonly operationId: OperationId;
}

/** One snapshot of each disk, all charged or none, sent at the same time as far as the request budget allows. */
export const requestGroupSnapshot = (
  ports: CommandPorts,
  call: WriteCall,
  wanted: NewGroupSnapshot,
): Promise<ExecutedOperation<RequestSnapshotRefusal>> => {
  // Made before the decision, which may be made several times.
  const shownAs = OperationId.parse(newId());
  const members = wanted.diskIds.map((diskId) => ({
    diskId,
    snapshotId: SnapshotId.parse(newId()),
    operationId: OperationId.parse(newId()),
  }));
  return executeOperation<RequestSnapshotRefusal>(ports, call, {
    role: 'operator',
    projectId: wanted.projectId,
    streams: wanted.diskIds.map(diskStream),
    decide: (loaded) => planOf(wanted, shownAs, members, loaded),
  });
};

/** A refusal names the disk that it is about. */
const planOf = (
  { projectId, spec, force }: NewGroupSnapshot,
  shownAs: OperationId,
  members: readonly NewMember[],
  { streams }: Loaded,
): Planned<RequestSnapshotRefusal> => {
  const accepted = [];
  for (const [index, { diskId, snapshotId, operationId }] of members.entries()) {
    const decided = decideOn({ projectId, diskId, spec, force }, { operationId, snapshotId, shownAs }, streams[index]);
    if (!decided.accepted) return planRefused({ ...namedDisk(decided.refusal, `/diskIds/${index}`), diskId });
    accepted.push(decided);
  }
  const [first] = accepted;
  if (!first) throw new Error('a group of no disks');
  return planBatch({
    operationId: shownAs,
    kind: 'snapshot.create',
    projectId,
    bindingId: first.bindingId,
    target: { type: 'snapshots', ids: members.map(({ snapshotId }) => snapshotId) },
    input: { ...spec, force, snapshots: members.map(({ snapshotId, diskId }) => ({ snapshotId, diskId })) },
    parts: accepted.map(({ part }) => part),
  });
};
