import type { DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { CommandPorts, WriteCall } from '@strata/projects';
import type { Admission } from '../cloud-catalogue/admission-desk.js';
import type { TypeRefusal } from '../cloud-catalogue/admission.js';
import { commandDisk } from '../command-disk.js';
import type { DiskRefusal } from '../disk/index.js';

export const retypeDisk = (
  ports: CommandPorts & { readonly admission: Admission },
  call: WriteCall,
  wanted: { readonly projectId: ProjectId; readonly diskId: DiskId; readonly type: string },
): Promise<ExecutedOperation<DiskRefusal | TypeRefusal>> => {
  const { projectId, diskId, type } = wanted;
  return commandDisk<TypeRefusal>(ports, call, {
    kind: 'disk.retype',
    projectId,
    diskId,
    command: (_disk, work) => ({ type: 'RequestRetype', diskType: type, work }),
    // The zone tells a retry whether the type is still offered there.
    input: ({ availabilityZone }) => ({ type, availabilityZone }),
    refusal: ({ bindingId, availabilityZone }) => ports.admission.type(bindingId, { type, availabilityZone }),
  });
};
