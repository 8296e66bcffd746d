import type { ProjectId, SnapshotId } from '@strata/kernel';
import type { CommandPorts, WriteCall } from '@strata/projects';
import { commandSnapshot } from '../command-snapshot.js';

export const deleteSnapshot = (
  ports: CommandPorts,
  call: WriteCall,
  snapshot: { readonly projectId: ProjectId; readonly snapshotId: SnapshotId },
) =>
  commandSnapshot(ports, call, {
    kind: 'snapshot.delete',
    ...snapshot,
    command: (_known, work) => ({ type: 'RequestDeletion', work }),
    ofDisk: () => ({ type: 'RequestSnapshotDeletion', snapshotId: snapshot.snapshotId }),
  });
