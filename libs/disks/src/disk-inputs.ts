import { DiskId, SnapshotId } from '@strata/kernel';
import { z } from 'zod';
import { DiskChange, DiskSource, DiskSpec } from './disk/disk.events.js';

/** `input` of each kind of operation: written at acceptance, parsed again by the worker. */
export const CreateInput = z.object({
  diskId: DiskId,
  ...DiskSpec.shape,
  /** The cloud's id of the snapshot that `source` names. */
  sourceCloudId: z.string().exactOptional(),
});
/** What the creation of one disk, of many, and each of these say of what they begin with. */
export const SourcedInput = z.object({ source: DiskSource.optional() });
export const ChangeInput = z.object({ diskId: DiskId, cloudId: z.string(), change: DiskChange });
export const ExtendInput = z.object({ diskId: DiskId, cloudId: z.string(), sizeGiB: z.int() });
export const RetypeInput = z.object({
  diskId: DiskId,
  cloudId: z.string(),
  type: z.string(),
  availabilityZone: z.string(),
});
export const AttachInput = z.object({
  diskId: DiskId,
  cloudId: z.string(),
  serverId: z.string(),
  device: z.string().nullable(),
});
export const DetachInput = z.object({ diskId: DiskId, cloudId: z.string(), serverId: z.string() });
export const DeleteInput = z.object({
  diskId: DiskId,
  cloudId: z.string(),
  /** Deleted before it, in parts of the same operation; absent: it had none. */
  snapshotIds: z.array(SnapshotId).exactOptional(),
});
export const RefreshInput = z.object({ diskId: DiskId, cloudId: z.string() });
