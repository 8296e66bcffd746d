import { ChangedName } from '@strata/disks';
import { isOfBackups } from './snapshot/index.js';

/** 1 to 255 bytes. */
export const SnapshotName = ChangedName.refine(
  (name) => !isOfBackups(name),
  'names beginning with autobk_snapshot_ or manualbk_snapshot_ are reserved for backups',
);
