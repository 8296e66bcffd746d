import { z } from 'zod';
import type { Condition } from './snapshot.events.js';
import { isPresent, type CloudKnownSnapshot, type Snapshot } from './snapshot.js';

export const SnapshotAction = z.enum(['update', 'delete', 'roll-back']);
export type SnapshotAction = z.infer<typeof SnapshotAction>;

/** What clients see a snapshot as. */
export const SnapshotStatus = z.enum(['creating', 'available', 'deleting', 'rolling-back', 'error', 'unknown']);
export type SnapshotStatus = z.infer<typeof SnapshotStatus>;

/** What may be asked of the snapshot now, from its own state alone; its disk may stand against a rollback. */
export const allowedActions = (snapshot: Snapshot): readonly SnapshotAction[] => {
  if (!isPresent(snapshot) || snapshot.open !== null) return [];
  const isFree = snapshot.uses.length === 0;
  if (snapshot.life === 'in-cloud' && snapshot.condition === 'available')
    return isFree ? ['update', 'delete', 'roll-back'] : ['update'];
  // Somebody else is at it, or nobody but the vendor of the cloud can help.
  if (snapshot.life === 'in-cloud' && (isPassing(snapshot.condition) || isStuck(snapshot))) return [];
  return ['delete'];
};

/** The cloud could not delete it and takes no other request for it (EVS reference §2.2), until its vendor has mended it. */
export const isStuck = ({ condition }: CloudKnownSnapshot): boolean => condition === 'error-deleting';

const isPassing = (condition: Condition): boolean =>
  ['creating', 'rolling-back', 'backing-up', 'deleting'].includes(condition);

/** States that the cloud shows where nothing of ours works on the snapshot. */
const shownAs: Readonly<Record<Condition, SnapshotStatus>> = {
  creating: 'creating',
  available: 'available',
  'rolling-back': 'rolling-back',
  'backing-up': 'unknown',
  deleting: 'deleting',
  error: 'error',
  'error-deleting': 'error',
  unknown: 'unknown',
};

/** The public status: what is being done to it, else its condition in the cloud, else `error`. */
export const statusOf = (snapshot: Snapshot): SnapshotStatus | 'deleted' => {
  if (!isPresent(snapshot)) return 'deleted';
  switch (snapshot.open?.doing) {
    case 'create':
      return 'creating';
    case 'roll-back':
      return 'rolling-back';
    case 'delete':
      return 'deleting';
    case 'change':
    case undefined:
      return snapshot.life === 'in-cloud' ? shownAs[snapshot.condition] : 'error';
  }
};
