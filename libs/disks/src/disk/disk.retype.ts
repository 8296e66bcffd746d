import { accept, refuse, type Decision } from '@strata/kernel';
import { typeCharges } from './disk.charges.js';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent, type DiskFault, type Work } from './disk.events.js';
import { snapshotsOf, type CloudKnownDisk, type KnownDisk } from './disk.js';
import { notReady } from './disk.not-ready.js';
import { allowedActions } from './disk.status.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** The cloud changes no type while a snapshot of the disk is being deleted (EVS reference §1.5). */
const losesSnapshots = (disk: KnownDisk): Decision<never, DiskRefusal> | undefined => {
  const blockers = snapshotsOf(disk).flatMap(({ snapshotId: id, leaving }) =>
    leaving ? [{ kind: 'snapshot' as const, id, reason: 'is being deleted' }] : [],
  );
  return blockers.length === 0 ? undefined : refuse({ type: 'snapshot-leaving', blockers });
};

export const requestRetype = ({ diskType, work }: On<'RequestRetype'>, disk: CloudKnownDisk): Decided => {
  if (diskType === disk.type) return refuse({ type: 'disk-type-unchanged', diskType });
  const waits = losesSnapshots(disk);
  if (waits) return waits;
  if (!allowedActions(disk).includes('retype')) return notReady(disk);
  const charges = typeCharges.hold({ type: diskType, sizeGiB: disk.sizeGiB });
  return accept<DiskEvent>(
    diskEvent('DiskRetypeRequested', { ...work, fromType: disk.type, toType: diskType }, charges),
  );
};

/** The old type is in use until the new one is confirmed. Snapshots keep the type that they were taken of. */
export const recordRetyped = (operationId: Work['operationId'], disk: KnownDisk): Decided => {
  const { undecidedMove } = disk;
  if (!undecidedMove) return accept<DiskEvent>();
  const charges = [...typeCharges.confirm(undecidedMove), ...typeCharges.leave(disk)];
  return accept<DiskEvent>(diskEvent('DiskRetyped', { operationId, type: undecidedMove.type }, charges));
};

export const recordRetypeFailed = (
  operationId: Work['operationId'],
  fault: DiskFault,
  left: 'as-it-was' | 'unknown',
  { undecidedMove }: KnownDisk,
): Decided => {
  const charges = left === 'as-it-was' && undecidedMove ? typeCharges.unhold(undecidedMove) : [];
  return accept<DiskEvent>(diskEvent('DiskRetypeFailed', { operationId, fault, left }, charges));
};
