import type { DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { CommandPorts, WriteCall } from '@strata/projects';
import type { Admission } from '../cloud-catalogue/admission-desk.js';
import { commandDisk } from '../command-disk.js';
import type { DiskRefusal } from '../disk/index.js';

export const extendDisk = (
  ports: CommandPorts & { readonly admission: Admission },
  call: WriteCall,
  wanted: { readonly projectId: ProjectId; readonly diskId: DiskId; readonly sizeGiB: number },
): Promise<ExecutedOperation<DiskRefusal>> => {
  const { projectId, diskId, sizeGiB } = wanted;
  return commandDisk<never>(ports, call, {
    kind: 'disk.extend',
    projectId,
    diskId,
    command: (_disk, work) => ({ type: 'RequestExtension', sizeGiB, work }),
    input: () => ({ sizeGiB }),
    refusal: () => ports.admission.size(projectId, sizeGiB),
  });
};
