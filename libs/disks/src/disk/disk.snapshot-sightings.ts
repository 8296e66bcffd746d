import { accept, type Decision } from '@strata/kernel';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent } from './disk.events.js';
import { foreignSnapshotsOf, isPresent, type Disk } from './disk.js';
import { listedSnapshot } from './disk.snapshots.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** What a sweep saw of the snapshots of a disk; counts also while something else works on the disk. */
export type SnapshotSighted = On<'RecordSnapshotRemoved' | 'RecordSnapshotFound' | 'RecordForeignSnapshot'>;

/** Once: what was removed is not listed any more. */
const recordSnapshotRemoved = ({ snapshotId }: On<'RecordSnapshotRemoved'>, disk: Disk): Decided =>
  listedSnapshot(disk, snapshotId)
    ? accept<DiskEvent>(diskEvent('DiskSnapshotRemoved', { snapshotId }))
    : accept<DiskEvent>();

/** News where it was not listed, or is stuck now, or so no more. */
const recordSnapshotFound = ({ snapshotId, stuck }: On<'RecordSnapshotFound'>, disk: Disk): Decided => {
  if (!isPresent(disk)) return accept<DiskEvent>();
  const known = listedSnapshot(disk, snapshotId);
  return known && (known.stuck ?? false) === stuck
    ? accept<DiskEvent>()
    : accept<DiskEvent>(diskEvent('DiskSnapshotFound', { snapshotId, ...(stuck && { stuck }) }));
};

const recordForeignSnapshot = ({ cloudId, there }: On<'RecordForeignSnapshot'>, disk: Disk): Decided => {
  if (!isPresent(disk) || foreignSnapshotsOf(disk).includes(cloudId) === there) return accept<DiskEvent>();
  return accept<DiskEvent>(diskEvent(there ? 'DiskForeignSnapshotFound' : 'DiskForeignSnapshotGone', { cloudId }));
};

export const isSnapshotSighted = (command: DiskCommand): command is SnapshotSighted =>
  command.type === 'RecordSnapshotRemoved' ||
  command.type === 'RecordSnapshotFound' ||
  command.type === 'RecordForeignSnapshot';

export const recordSnapshotSighted = (command: SnapshotSighted, disk: Disk): Decided => {
  switch (command.type) {
    case 'RecordSnapshotRemoved':
      return recordSnapshotRemoved(command, disk);
    case 'RecordSnapshotFound':
      return recordSnapshotFound(command, disk);
    case 'RecordForeignSnapshot':
      return recordForeignSnapshot(command, disk);
  }
};
