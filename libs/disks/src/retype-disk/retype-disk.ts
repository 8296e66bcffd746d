import { everything, type EventStore } from '@strata/event-store';
import type { BindingId, DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import { bindingStream, foldBinding, type CommandPorts, type WriteCall } from '@strata/projects';
import type { Admission } from '../cloud-catalogue/admission-desk.js';
import type { TypeRefusal } from '../cloud-catalogue/admission.js';
import { commandDisk } from '../command-disk.js';
import type { DiskRefusal } from '../disk/index.js';
import { wayRefusal, type NoWay } from './retype-ways.js';

export const retypeDisk = (
  ports: CommandPorts & { readonly admission: Admission },
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
      (await noWay(ports.store, bindingId, fromType, type)) ??
      ports.admission.type(bindingId, { type, availabilityZone }),
  });
};

/** By the kind of the binding, which callers of its projects may not view. */
const noWay = async (store: EventStore, bindingId: BindingId, fromType: string, toType: string) => {
  const { streams } = await store.load({ sight: everything, streams: [bindingStream(bindingId)] });
  const binding = foldBinding(streams[0]);
  return binding.status === 'live' ? wayRefusal(binding.access.kind, fromType, toType) : undefined;
};
