import type { ProjectId, SnapshotId } from '@strata/kernel';
import type { CommandPorts, WriteCall } from '@strata/projects';
import { commandSnapshot } from '../command-snapshot.js';

/** Both the snapshot and its disk are taken by it. */
export const rollBackSnapshot = (
  ports: CommandPorts,
  call: WriteCall,
  { projectId, snapshotId }: { readonly projectId: ProjectId; readonly snapshotId: SnapshotId },
) =>
  commandSnapshot(ports, call, {
    kind: 'snapshot.rollback',
    projectId,
    snapshotId,
    command: (_known, work) => ({ type: 'RequestRollback', work }),
    ofDisk: (work) => ({ type: 'RequestRollback', snapshotId, work }),
    input: (_known, disk) =>
      disk.life === 'in-cloud' ? { cloudDiskId: disk.cloudId, wasBroken: disk.condition === 'error-rolling-back' } : {},
  });
