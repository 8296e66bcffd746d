import { everything, type EventStore } from '@strata/event-store';
import type { ProjectId, SnapshotId } from '@strata/kernel';
import type { CommandPorts, WriteCall } from '@strata/projects';
import type { BindingOffers } from '@strata/projects/http';
import { commandSnapshot } from '../command-snapshot.js';
import { isPresent } from '../snapshot/index.js';
import { snapshotOf, snapshotStream } from '../snapshot/snapshot.stream.js';

/** Both the snapshot and its disk are taken by it. */
export const rollBackSnapshot = async (
  ports: CommandPorts & { readonly offers: BindingOffers },
  call: WriteCall,
  { projectId, snapshotId }: { readonly projectId: ProjectId; readonly snapshotId: SnapshotId },
) => {
  const isOff = await isRollbackOff(ports, snapshotId);
  return commandSnapshot(ports, call, {
    kind: 'snapshot.rollback',
    projectId,
    snapshotId,
    refusal: isOff ? { type: 'rollback-not-offered' } : undefined,
    command: (_known, work) => ({ type: 'RequestRollback', work }),
    ofDisk: (work) => ({ type: 'RequestRollback', snapshotId, work }),
    input: (_known, disk) =>
      disk.life === 'in-cloud' ? { cloudDiskId: disk.cloudId, wasBroken: disk.condition === 'error-rolling-back' } : {},
  });
};

/** As the binding says, which callers of its projects may not view. Whether they may know is decided with the command. */
const isRollbackOff = async (
  { store, offers }: { readonly store: EventStore; readonly offers: BindingOffers },
  snapshotId: SnapshotId,
): Promise<boolean> => {
  const [loaded] = (await store.load({ sight: everything, streams: [snapshotStream(snapshotId)] })).streams;
  const snapshot = loaded ? snapshotOf(loaded) : undefined;
  return snapshot !== undefined && isPresent(snapshot) && offers.isWithheld('roll-back', snapshot.bindingId);
};
