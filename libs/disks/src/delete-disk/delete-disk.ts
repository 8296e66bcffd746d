import { everything, type EventStore } from '@strata/event-store';
import { OperationId, type DiskId, type SnapshotId } from '@strata/kernel';
import { executeOperation, type ExecutedOperation } from '@strata/operations';
import { projectStream, type CommandPorts, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { isPresent, snapshotsOf, type Disk } from '../disk/index.js';
import type { DiskDependents } from './disk-dependents.js';
import { planDeletion, type DeleteDiskRefusal, type DiskDeletion } from './plan-deletion.js';

type Ports = CommandPorts & { readonly dependents: DiskDependents };

/**
 * Deletes a disk; with its snapshots as one operation whose parts go in order, so that the disk is only asked for when the
 * absence of each of them was observed. All are released in one append or none.
 */
export const deleteDisk = async (
  ports: Ports,
  call: WriteCall,
  deletion: DiskDeletion,
): Promise<ExecutedOperation<DeleteDiskRefusal>> => {
  const { projectId, diskId, cascade } = deletion;
  const snapshotIds = cascade ? await snapshotIdsOf(ports.store, diskId) : [];
  const fresh = () => OperationId.parse(newId());
  const before = snapshotIds.map((snapshotId) => ({ snapshotId, operationId: fresh() }));
  const ids = { shownAs: fresh(), ofDisk: fresh(), before };
  return executeOperation<DeleteDiskRefusal>(ports, call, {
    role: 'operator',
    projectId,
    streams: [diskStream(diskId), projectStream(projectId), ...snapshotIds.map((id) => ports.dependents.streamOf(id))],
    decide: (loaded) => planDeletion(ports.dependents, deletion, ids, loaded),
  });
};

/** Whether the caller may know is decided with the command; one that comes meanwhile stands against it. */
const snapshotIdsOf = async (store: EventStore, diskId: DiskId): Promise<readonly SnapshotId[]> => {
  const [loaded] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
  const disk: Disk = loaded ? diskOf(loaded) : { life: 'absent' };
  return isPresent(disk) ? snapshotsOf(disk).map(({ snapshotId }) => snapshotId) : [];
};
