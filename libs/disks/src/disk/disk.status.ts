import { z } from 'zod';
import { MOST_SNAPSHOTS } from './disk.commands.js';
import {
  foreignSnapshotsOf,
  isMissing,
  isOffered,
  isPresent,
  mayHaveBegunFilled,
  snapshotsOf,
  type CloudKnownDisk,
  type Disk,
  type KnownDisk,
} from './disk.js';

export const DiskAction = z.enum([
  'update',
  'snapshot',
  'image',
  'extend',
  'retype',
  'attach',
  'detach',
  'transfer',
  'delete',
  'delete-cascade',
  'undelete',
  'refresh',
  'recreate',
]);
export type DiskAction = z.infer<typeof DiskAction>;

/** What clients see a disk as (http-api.md). */
export const DiskStatus = z.enum([
  'creating',
  'available',
  'in-use',
  'extending',
  'retyping',
  'attaching',
  'detaching',
  'backing-up',
  'restoring',
  'rolling-back',
  'awaiting-transfer',
  'deleting',
  'error',
  'unknown',
]);
export type DiskStatus = z.infer<typeof DiskStatus>;

/** Conditions in which the cloud accepts a deletion (EVS reference §2.1, §1.5). */
const deletable = new Set(['available', 'error', 'error-extending', 'error-restoring', 'error-rolling-back']);

/** Ours and others'. */
const snapshotCount = (disk: KnownDisk): number => snapshotsOf(disk).length + foreignSnapshotsOf(disk).length;

/** What the cloud hands over to another project (EVS reference §1.9). */
const isTransferable = (disk: CloudKnownDisk): boolean =>
  disk.condition === 'available' && snapshotCount(disk) === 0 && !disk.traits.encrypted && !disk.traits.bootable;

/** What a lock against deletion keeps the disk from. */
const takesAway: ReadonlySet<DiskAction> = new Set(['delete', 'delete-cascade', 'transfer']);

/**
 * How it can be deleted: by itself, or only together with its snapshots. Not at all with snapshots that Strata did not make, or
 * that the cloud cannot delete, and not while one of its own is going already.
 */
const deletionOf = (disk: KnownDisk): readonly DiskAction[] => {
  if (snapshotCount(disk) === 0) return ['delete'];
  const isAllOurs = foreignSnapshotsOf(disk).length === 0;
  const isStopped = snapshotsOf(disk).some(({ leaving, stuck }) => leaving || stuck);
  return isAllOurs && !isStopped ? ['delete-cascade'] : [];
};

/**
 * Something is held for an extension or a retype whose end nobody has seen. Another one would be decided on a size or a type
 * that may not be the disk's, and a project that gives it away would hold it for ever.
 */
const isUndecided = ({ undecidedGiB, undecidedMove = null }: KnownDisk): boolean =>
  undecidedGiB !== 0 || undecidedMove !== null;

const isLosingSnapshot = (disk: KnownDisk): boolean => snapshotsOf(disk).some(({ leaving }) => leaving);

/**
 * Until when a deletion that waits for its time can be taken back for sure; null where none waits, or not any more. Then the
 * cloud may have been asked at any moment: only the operation of the deletion knows.
 */
export const keptUntil = (disk: Disk, nowMs: number): string | null => {
  const notBefore = isPresent(disk) ? disk.open?.notBefore : undefined;
  return notBefore !== undefined && nowMs < Date.parse(notBefore) ? notBefore : null;
};

/** What may be asked of the disk at a time. */
export const allowedActionsAt = (disk: Disk, nowMs: number): readonly DiskAction[] =>
  keptUntil(disk, nowMs) === null ? allowedActions(disk) : ['undelete'];

/** What may be asked of the disk at any time, from its own state alone. */
export const allowedActions = (disk: Disk): readonly DiskAction[] => {
  const actions = unlockedActions(disk);
  return isPresent(disk) && disk.deletionLock ? actions.filter((action) => !takesAway.has(action)) : actions;
};

const unlockedActions = (disk: Disk): readonly DiskAction[] => {
  if (!isPresent(disk)) return [];
  if (disk.open !== null || isOffered(disk)) return [];
  if (disk.life === 'requested') return ['delete'];
  const snapshots = snapshotCount(disk);
  if (isMissing(disk))
    return snapshots > 0
      ? [...deletionOf(disk), 'refresh']
      : ['delete', 'refresh', ...(mayHaveBegunFilled(disk) ? [] : (['recreate'] as const))];
  const { condition, traits } = disk;
  const isDecided = !isUndecided(disk);
  const actions: DiskAction[] = ['refresh'];
  const isAtRest = condition === 'available' || condition === 'in-use';
  if (isAtRest) actions.push('update', 'image', ...(snapshots < MOST_SNAPSHOTS ? (['snapshot'] as const) : []));
  if (isDecided && isAtRest && !(condition === 'in-use' && traits.shareable)) actions.push('extend');
  if (isDecided && isAtRest && !isLosingSnapshot(disk)) actions.push('retype');
  actions.push(...attaching(disk));
  if (isDecided && isTransferable(disk)) actions.push('transfer');
  if (deletable.has(condition) && traits.attachments.length === 0) actions.push(...deletionOf(disk));
  return actions;
};

const attaching = ({ attachable, condition, traits }: CloudKnownDisk): readonly DiskAction[] => {
  if (attachable === false) return [];
  const isFree = condition === 'available' || (condition === 'in-use' && traits.shareable);
  const isAttached = condition === 'in-use' && traits.attachments.length > 0;
  return [...(isFree ? (['attach'] as const) : []), ...(isAttached ? (['detach'] as const) : [])];
};

/** The public status of a disk: what is being done to it, else its condition in the cloud, else `error`. */
export const statusOf = (disk: Disk): DiskStatus | 'deleted' => {
  if (!isPresent(disk)) return 'deleted';
  switch (disk.open?.doing) {
    case 'create':
    case 'adopt':
    case 'recreate':
      return 'creating';
    case 'extend':
      return 'extending';
    case 'retype':
      return 'retyping';
    case 'attach':
      return 'attaching';
    case 'detach':
      return 'detaching';
    case 'roll-back':
      return 'rolling-back';
    case 'delete':
      return 'deleting';
    case 'change':
    case 'snapshot':
    case 'image':
    case 'transfer':
    case 'refresh':
    case undefined:
      break;
  }
  if (isOffered(disk)) return 'awaiting-transfer';
  if (disk.fault !== null || disk.life === 'requested') return 'error';
  return broken.has(disk.condition) ? 'error' : shownAsItIs.parse(disk.condition);
};

/** Conditions in which the cloud leaves a disk when something went wrong. */
const broken = new Set(['error-extending', 'error-deleting', 'error-restoring', 'error-rolling-back']);

/** Other conditions keep their name where clients know it. */
const shownAsItIs = DiskStatus.catch('unknown');
