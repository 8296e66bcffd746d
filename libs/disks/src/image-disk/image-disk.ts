import type { NewCloudImage } from '@strata/cloud';
import type { DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { CommandPorts, WriteCall } from '@strata/projects';
import { commandDisk } from '../command-disk.js';
import type { DiskRefusal } from '../disk/index.js';

export const imageDisk = (
  ports: CommandPorts,
  call: WriteCall,
  {
    projectId,
    diskId,
    ...image
  }: Pick<NewCloudImage, 'name' | 'format' | 'os'> & { readonly projectId: ProjectId; readonly diskId: DiskId },
): Promise<ExecutedOperation<DiskRefusal>> =>
  commandDisk(ports, call, {
    kind: 'disk.image',
    projectId,
    diskId,
    command: (_disk, work) => ({ type: 'RequestImage', name: image.name, work }),
    input: (disk) => ({ ...image, force: disk.life === 'in-cloud' && disk.condition === 'in-use' }),
  });
