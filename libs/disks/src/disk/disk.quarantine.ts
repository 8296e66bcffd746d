import { accept, type Decision } from '@strata/kernel';
import { diskCharges } from './disk.charges.js';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent, type Work } from './disk.events.js';
import type { Doing, KnownDisk } from './disk.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/**
 * Whatever may still come is charged until it is seen: a disk that is being made as one in use, an extension as held, and a
 * disk that is being deleted as in use, for nobody knows when it will be gone.
 */
const chargesOf = (disk: KnownDisk, doing: Doing) => {
  switch (doing) {
    case 'create':
    case 'recreate':
      return diskCharges.confirm(disk);
    case 'delete':
      return diskCharges.keep(disk);
    default:
      return [];
  }
};

export const recordQuarantined = (
  { left, ...command }: On<'RecordQuarantined'>,
  disk: KnownDisk,
  doing: Doing,
): Decided => {
  const { fault } = command;
  const operationId = command.operationId as Work['operationId'];
  return accept<DiskEvent>(diskEvent('DiskQuarantined', { operationId, fault, ...left }, chargesOf(disk, doing)));
};
