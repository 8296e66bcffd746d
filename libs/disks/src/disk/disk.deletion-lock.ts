import { accept, refuse, type Decision } from '@strata/kernel';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent } from './disk.events.js';
import { isPresent, type Disk, type KnownDisk } from './disk.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** Whatever would take the disk away asks for this first. */
export const lockedAgainstDeletion = ({ deletionLock }: KnownDisk): Decision<never, DiskRefusal> | undefined => {
  if (!deletionLock) return undefined;
  const { by, since, reason } = deletionLock;
  const why = reason === null ? '' : `: ${reason}`;
  return refuse({
    type: 'deletion-locked',
    blockers: [{ kind: 'actor', id: by, reason: `has locked the disk against deletion on ${since}${why}` }],
  });
};

/** Also while something else works on the disk, but not while it is going or offered to another project; who locked it first stays, unless the reason is another one. */
const lock = ({ lock: wanted }: On<'LockDeletion'>, disk: KnownDisk): Decided => {
  if (disk.open?.doing === 'delete')
    return refuse({
      type: 'disk-busy',
      blockers: [{ kind: 'operation', id: disk.open.shownAs, reason: 'disk.delete is under way' }],
    });
  if (disk.offer)
    return refuse({
      type: 'disk-busy',
      blockers: [{ kind: 'transfer', id: disk.offer, reason: 'the disk is offered to another project' }],
    });
  return disk.deletionLock && disk.deletionLock.reason === wanted.reason
    ? accept<DiskEvent>()
    : accept<DiskEvent>(diskEvent('DiskDeletionLocked', wanted));
};

/** A local write: nothing of it reaches the cloud. */
export const decideDeletionLock = (command: On<'LockDeletion' | 'UnlockDeletion'>, disk: Disk): Decided => {
  if (!isPresent(disk)) return refuse({ type: 'not-found' });
  if (command.type === 'LockDeletion') return lock(command, disk);
  return disk.deletionLock ? accept<DiskEvent>(diskEvent('DiskDeletionUnlocked', {})) : accept<DiskEvent>();
};
