import type { DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { WriteCall } from '@strata/projects';
import { commandDisk } from '../command-disk.js';
import type { DiskRefusal } from '../disk/index.js';
import { notOffered, type AttachmentPorts } from './attachable.js';

export const attachDisk = (
  ports: AttachmentPorts,
  call: WriteCall,
  wanted: {
    readonly projectId: ProjectId;
    readonly diskId: DiskId;
    readonly serverId: string;
    readonly device?: string | undefined;
  },
): Promise<ExecutedOperation<DiskRefusal>> => {
  const { projectId, diskId, serverId, device = null } = wanted;
  return commandDisk(ports, call, {
    kind: 'disk.attach',
    projectId,
    diskId,
    command: (_disk, work) => ({ type: 'RequestAttachment', serverId, device, work }),
    input: () => ({ serverId, device }),
    refusal: notOffered(ports),
  });
};
