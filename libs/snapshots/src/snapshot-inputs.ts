import { DiskId, SnapshotId } from '@strata/kernel';
import { z } from 'zod';
import { SnapshotChange, SnapshotSpec } from './snapshot/snapshot.events.js';

const of = { snapshotId: SnapshotId, diskId: DiskId };

/** `input` of each kind of operation: written at acceptance, parsed again by the worker. */
export const CreateSnapshotInput = z.object({
  ...of,
  ...SnapshotSpec.shape,
  cloudDiskId: z.string(),
  /** Also while the disk is attached. */
  force: z.boolean(),
});
export const ChangeSnapshotInput = z.object({ ...of, cloudId: z.string(), change: SnapshotChange });
export const DeleteSnapshotInput = z.object({ ...of, cloudId: z.string() });
export const RollBackInput = z.object({
  ...of,
  cloudId: z.string(),
  cloudDiskId: z.string(),
  /** A rollback before this one had broken the disk. */
  wasBroken: z.boolean(),
});
/** Of several disks at once, each by a part of its own. */
export const GroupSnapshotInput = z.object({
  ...SnapshotSpec.shape,
  force: z.boolean(),
  snapshots: z.array(z.object(of)),
});
/** What every kind has, for what follows from the ids alone. */
export const SnapshotInput = z.object(of);
