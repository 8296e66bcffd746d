import { everything } from '@strata/event-store';
import type { DiskId, ProjectId } from '@strata/kernel';
import {
  addressOf,
  executeOperation,
  planCancel,
  type ExecutedOperation,
  type KindRegistry,
  type OperationAddress,
  type WishRefusal,
} from '@strata/operations';
import { planRefused, type CommandPorts, type WriteCall } from '@strata/projects';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { allowedActions, isPresent, keptUntil, statusOf, type Disk, type DiskRefusal } from '../disk/index.js';

type Ports = CommandPorts & { readonly kinds: KindRegistry };

export type UndeleteRefusal = DiskRefusal | WishRefusal;

/** Cancels the deletion of a disk that has not reached the cloud; with all that would go before the disk. */
export const undeleteDisk = async (
  ports: Ports,
  call: WriteCall,
  { projectId, diskId }: { readonly projectId: ProjectId; readonly diskId: DiskId },
): Promise<ExecutedOperation<UndeleteRefusal>> => {
  const deletion = await deletionOf(ports, diskId);
  const own = diskStream(diskId);
  const others = deletion?.streams.filter((stream) => stream !== own) ?? [];
  return executeOperation<UndeleteRefusal>(ports, call, {
    role: 'operator',
    projectId,
    streams: [own, ...others],
    decide: (loaded) => {
      const [stream] = loaded.streams;
      const disk: Disk = stream ? diskOf(stream) : { life: 'absent' };
      if (!isPresent(disk) || disk.projectId !== projectId) return planRefused({ type: 'not-found' });
      const isDeleting = disk.open?.doing === 'delete' && disk.open.shownAs === deletion?.operation.operationId;
      if (!isDeleting || !deletion)
        return planRefused({ type: 'disk-not-ready', diskStatus: statusOf(disk), allowed: allowedActions(disk) });
      const { notBefore } = disk.open;
      if (notBefore !== undefined && keptUntil(disk, Date.now()) === null)
        return planRefused({ type: 'not-cancellable', reason: `the disk could be had back until ${notBefore}` });
      return planCancel(ports.kinds, deletion, loaded);
    },
  });
};

/** Whether the caller may know is decided with the command. */
const deletionOf = async ({ store, kinds }: Ports, diskId: DiskId): Promise<OperationAddress | undefined> => {
  const [loaded] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
  const disk: Disk = loaded ? diskOf(loaded) : { life: 'absent' };
  return isPresent(disk) && disk.open?.doing === 'delete'
    ? addressOf(store, kinds, everything, disk.open.shownAs)
    : undefined;
};
