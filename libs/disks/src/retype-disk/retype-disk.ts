import type { DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { CommandPorts, WriteCall } from '@strata/projects';
import type { CloudKinds } from '@strata/projects/http';
import type { Admission } from '../cloud-catalogue/admission-desk.js';
import type { TypeRefusal } from '../cloud-catalogue/admission.js';
import { commandDisk } from '../command-disk.js';
import type { DiskRefusal } from '../disk/index.js';
import { wayRefusal, type NoWay } from './retype-ways.js';

export const retypeDisk = (
  ports: CommandPorts & { readonly admission: Admission; readonly kinds: CloudKinds },
  call: WriteCall,
  wanted: { readonly projectId: ProjectId; readonly diskId: DiskId; readonly type: string },
): Promise<ExecutedOperation<DiskRefusal | TypeRefusal | NoWay>> => {
  const { projectId, diskId, type } = wanted;
  return commandDisk<TypeRefusal | NoWay>(ports, call, {
    kind: 'disk.retype',
    projectId,
    diskId,
    command: (_disk, work) => ({ type: 'RequestRetype', diskType: type, work }),
    // The zone tells a retry whether the type is still offered there.
    input: ({ availabilityZone }) => ({ type, availabilityZone }),
    refusal: async ({ bindingId, type: fromType, availabilityZone }) =>
      wayRefusal(await ports.kinds.of(bindingId), fromType, type) ??
      ports.admission.type(bindingId, { type, availabilityZone }),
  });
};
