import type { DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { CommandPorts, WriteCall } from '@strata/projects';
import { commandDisk } from '../command-disk.js';
import type { DiskRefusal } from '../disk/index.js';

export const deleteDisk = (
  ports: CommandPorts,
  call: WriteCall,
  disk: { readonly projectId: ProjectId; readonly diskId: DiskId },
): Promise<ExecutedOperation<DiskRefusal>> =>
  commandDisk(ports, call, {
    kind: 'disk.delete',
    ...disk,
    command: (_disk, work) => ({ type: 'RequestDeletion', work }),
  });
