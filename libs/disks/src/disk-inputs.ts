import { imageFormats, imageSystems } from '@strata/cloud';
import { BindingId, DiskId, FindingId, SnapshotId, TransferId } from '@strata/kernel';
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
export const ChangeInput = z.object({
  diskId: DiskId,
  cloudId: z.string(),
  change: DiskChange,
  /** Of a change that writes back what somebody else had changed. */
  findingId: FindingId.exactOptional(),
  /** What of that finding was decided with it: each difference by its member. Absent: all of it. */
  settled: z.array(z.string()).exactOptional(),
});
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
export const ImageInput = z.object({
  diskId: DiskId,
  cloudId: z.string(),
  name: z.string(),
  format: z.enum(imageFormats),
  os: z.enum(imageSystems),
  /** Also while the disk is attached. */
  force: z.boolean(),
});
export const DeleteInput = z.object({
  diskId: DiskId,
  cloudId: z.string(),
  /** Deleted before it, in parts of the same operation; absent: it had none. */
  snapshotIds: z.array(SnapshotId).exactOptional(),
});
export const TransferInput = z.object({
  diskId: DiskId,
  /** Absent in operations that succeeded when they were accepted, and were written before there were others. */
  transferId: TransferId.exactOptional(),
});
export const RefreshInput = z.object({ diskId: DiskId, cloudId: z.string() });
export const AdoptInput = z.object({
  diskId: DiskId,
  bindingId: BindingId,
  cloudId: z.string(),
  /** Null: it keeps the name that it has. */
  name: z.string().nullable(),
  /** As a sweep saw it; another one now is somebody else's doing. */
  markerBefore: z.string().nullable(),
});
/** Beside what a create has: the cloud's id of the one that is gone. */
export const RecreateInput = z.object({ ...CreateInput.shape, cloudId: z.string() });
