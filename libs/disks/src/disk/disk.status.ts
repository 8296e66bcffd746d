import { isMissing, isPresent, type Disk } from './disk.js';

export type DiskAction = 'update' | 'extend' | 'delete' | 'refresh';

/** Conditions in which the cloud accepts a deletion (EVS reference §2.1, §1.5). */
const deletable = new Set(['available', 'error', 'error-extending', 'error-restoring', 'error-rolling-back']);

/** What may be asked of the disk now, from its own state alone. */
export const allowedActions = (disk: Disk): readonly DiskAction[] => {
  if (!isPresent(disk) || disk.open !== null) return [];
  if (disk.life === 'requested') return ['delete'];
  if (isMissing(disk)) return ['delete', 'refresh'];
  const { condition, traits } = disk;
  const actions: DiskAction[] = ['refresh'];
  if (condition === 'available' || condition === 'in-use') actions.push('update');
  if (condition === 'available' || (condition === 'in-use' && !traits.shareable)) actions.push('extend');
  if (deletable.has(condition) && traits.attachments.length === 0) actions.push('delete');
  return actions;
};

/** The public status of a disk (http-api.md): what is being done to it, else its condition in the cloud, else `error`. */
export const statusOf = (disk: Disk): string => {
  if (!isPresent(disk)) return 'deleted';
  switch (disk.open?.doing) {
    case 'create':
      return 'creating';
    case 'extend':
      return 'extending';
    case 'delete':
      return 'deleting';
    case 'change':
    case 'refresh':
    case undefined:
      break;
  }
  if (disk.fault !== null || disk.life === 'requested') return 'error';
  return publicStatus[disk.condition] ?? 'unknown';
};

/** Conditions whose public name differs or that clients may see as they are; anything else is `unknown`. */
const publicStatus: Record<string, string> = {
  ...Object.fromEntries(
    [
      'creating',
      'available',
      'in-use',
      'extending',
      'retyping',
      'attaching',
      'detaching',
      'backing-up',
      'rolling-back',
      'restoring',
      'awaiting-transfer',
      'deleting',
      'error',
    ].map((status) => [status, status]),
  ),
  'error-extending': 'error',
  'error-deleting': 'error',
  'error-restoring': 'error',
  'error-rolling-back': 'error',
};
