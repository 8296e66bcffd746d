import { ChangedName } from '@strata/disks';

/** With these the cloud marks what backups leave; it keeps users away from such snapshots (EVS reference §1.7). */
const ofBackups = /^(?:auto|manual)bk_snapshot_/;

/** 1 to 255 bytes. */
export const SnapshotName = ChangedName.refine(
  (name) => !ofBackups.test(name),
  'names beginning with autobk_snapshot_ or manualbk_snapshot_ are reserved for backups',
);
