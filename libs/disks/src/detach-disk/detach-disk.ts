import type { DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { WriteCall } from '@strata/projects';
import { notOffered, type AttachmentPorts } from '../attach-disk/attachable.js';
import { commandDisk } from '../command-disk.js';
import type { DiskRefusal } from '../disk/index.js';

export const detachDisk = (
  ports: AttachmentPorts,
  call: WriteCall,
  wanted: { readonly projectId: ProjectId; readonly diskId: DiskId; readonly serverId: string },
): Promise<ExecutedOperation<DiskRefusal>> => {
  const { projectId, diskId, serverId } = wanted;
  return commandDisk(ports, call, {
    kind: 'disk.detach',
    projectId,
    diskId,
    command: (_disk, work) => ({ type: 'RequestDetachment', serverId, work }),
    input: () => ({ serverId }),
    refusal: notOffered(ports),
  });
};
