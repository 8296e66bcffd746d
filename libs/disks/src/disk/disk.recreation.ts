import { accept, refuse, type Decision } from '@strata/kernel';
import { diskCharges, undecidedCharges } from './disk.charges.js';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent, type Work } from './disk.events.js';
import { isMissing, mayHaveBegunFilled, type CloudKnownDisk, type KnownDisk } from './disk.js';
import { notReady } from './disk.not-ready.js';
import { hasSnapshots } from './disk.snapshots.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** What is gone is charged still: from then on it is held for the new one, as for a create, and no more than before. */
export const requestRecreation = ({ work }: On<'RequestRecreation'>, disk: CloudKnownDisk): Decided => {
  if (!isMissing(disk)) return notReady(disk);
  // With a key that the log does not know a new one would not be encrypted.
  const isLocked = disk.traits.encrypted && disk.encryption === undefined;
  if (mayHaveBegunFilled(disk) || isLocked) return refuse({ type: 'made-from-source' });
  const blocked = hasSnapshots(disk);
  if (blocked) return blocked;
  const charges = [...diskCharges.renew(disk), ...undecidedCharges(disk)];
  return accept<DiskEvent>(diskEvent('DiskRecreationRequested', work, charges));
};

export const recordRecreated = (
  command: On<'RecordProvisioned' | 'RecordCreationFailed'>,
  disk: KnownDisk,
): DiskEvent => {
  const operationId = command.operationId as Work['operationId'];
  const { cloudId } = command;
  return command.type === 'RecordProvisioned'
    ? diskEvent('DiskRecreated', { operationId, cloudId: command.cloudId }, diskCharges.confirm(disk))
    : recreationFailed({ operationId, fault: command.fault, cloudId }, disk);
};

/** It is missing as before, and charged as before; `cloudId`: something broken is there in its place. */
export const recreationFailed = (
  failed: { readonly operationId: Work['operationId'] } & Pick<On<'RecordCreationFailed'>, 'fault' | 'cloudId'>,
  disk: KnownDisk,
): DiskEvent => diskEvent('DiskRecreationFailed', failed, diskCharges.confirm(disk));
