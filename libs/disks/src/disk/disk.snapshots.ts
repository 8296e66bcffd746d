import { accept, refuse, type Decision, type SnapshotId } from '@strata/kernel';
import { MOST_SNAPSHOTS, type DiskCommand, type DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent } from './disk.events.js';
import {
  foreignSnapshotsOf,
  isPresent,
  snapshotsOf,
  type CloudKnownDisk,
  type Disk,
  type DiskSnapshot,
  type KnownDisk,
} from './disk.js';
import { busy } from './disk.busy.js';
import { notReady } from './disk.not-ready.js';
import { allowedActions } from './disk.status.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** As it will be when these are gone. */
export const withoutSnapshots = <D extends KnownDisk>(disk: D, gone: readonly SnapshotId[]): D => ({
  ...disk,
  snapshots: snapshotsOf(disk).filter(({ snapshotId }) => !gone.includes(snapshotId)),
});

/** The cloud would delete them together with the disk (EVS reference §1.5), without a word. */
export const hasSnapshots = (disk: KnownDisk): Decision<never, DiskRefusal> | undefined => {
  const blocking = (id: string, reason: string) => ({ kind: 'snapshot', id, reason }) as const;
  const ours = snapshotsOf(disk).map(({ snapshotId }) => blocking(snapshotId, 'is a snapshot of the disk'));
  const foreign = foreignSnapshotsOf(disk).map((id) => blocking(id, madeElsewhere));
  const blockers = [...ours, ...foreign];
  if (blockers.length === 0) return undefined;
  return refuse({ type: 'has-snapshots', blockers, ...(foreign.length > 0 && { foreign }) });
};

/** The cloud takes no deletion of them, so that neither they nor the disk can be deleted. */
export const hasStuckSnapshots = (disk: KnownDisk): Decision<never, DiskRefusal> | undefined => {
  const stuck = snapshotsOf(disk).filter((each) => each.stuck);
  const reason = 'only the vendor of the cloud can mend it';
  const blockers = stuck.map(({ snapshotId: id }) => ({ kind: 'snapshot', id, reason }) as const);
  return blockers.length === 0 ? undefined : refuse({ type: 'snapshot-stuck', blockers });
};

const madeElsewhere = 'is a snapshot of the disk that Strata did not make, by its id in the cloud';

export const requestSnapshot = ({ snapshotId, work }: On<'RequestSnapshot'>, disk: CloudKnownDisk): Decided => {
  if (snapshotsOf(disk).length + foreignSnapshotsOf(disk).length >= MOST_SNAPSHOTS)
    return refuse({ type: 'too-many-snapshots', most: MOST_SNAPSHOTS });
  if (!allowedActions(disk).includes('snapshot')) return notReady(disk);
  return accept<DiskEvent>(diskEvent('DiskSnapshotBegan', { ...work, snapshotId }));
};

/** Detached, and as it should be or broken by a rollback (EVS reference §1.7). */
const rollsBack = new Set(['available', 'error-rolling-back']);

export const requestRollback = ({ snapshotId, work }: On<'RequestRollback'>, disk: CloudKnownDisk): Decided => {
  if (!rollsBack.has(disk.condition)) return notReady(disk);
  return accept<DiskEvent>(diskEvent('DiskRollbackRequested', { ...work, snapshotId }));
};

/** One that was made. */
export const listedSnapshot = (disk: Disk, snapshotId: SnapshotId): DiskSnapshot | undefined =>
  isPresent(disk) ? snapshotsOf(disk).find((each) => each.snapshotId === snapshotId && each.made) : undefined;

/** Also while something else works on the disk, but for a change of its type (EVS reference §1.5). */
export const requestSnapshotDeletion = ({ snapshotId }: On<'RequestSnapshotDeletion'>, disk: Disk): Decided => {
  const taken = isPresent(disk) && disk.open?.doing === 'retype' ? busy(disk) : null;
  if (taken) return taken;
  const listed = listedSnapshot(disk, snapshotId);
  return listed && !listed.leaving
    ? accept<DiskEvent>(diskEvent('DiskSnapshotLeaving', { snapshotId }))
    : accept<DiskEvent>();
};

export const recordSnapshotStayed = ({ snapshotId, stuck }: On<'RecordSnapshotStayed'>, disk: Disk): Decided => {
  const listed = listedSnapshot(disk, snapshotId);
  return listed && (listed.leaving || (listed.stuck ?? false) !== stuck)
    ? accept<DiskEvent>(diskEvent('DiskSnapshotStayed', { snapshotId, ...(stuck && { stuck }) }))
    : accept<DiskEvent>();
};
