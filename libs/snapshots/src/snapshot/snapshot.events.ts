import {
  BindingId,
  DiskId,
  newEvent,
  OperationId,
  ProjectId,
  SnapshotId,
  type EventMaker,
  type EventOf,
} from '@strata/kernel';
import { z } from 'zod';

const Metadata = z.record(z.string(), z.string());

export const SnapshotSpec = z.strictObject({ name: z.string(), description: z.string(), metadata: Metadata });
export type SnapshotSpec = z.infer<typeof SnapshotSpec>;

/** What its disk was when the snapshot was asked for: what counts, and what a disk made from it must fit. */
export const Extent = z.strictObject({ sizeGiB: z.int().positive(), type: z.string(), availabilityZone: z.string() });
export type Extent = z.infer<typeof Extent>;

export const SnapshotChange = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  /** `null` removes a key. */
  metadata: z.record(z.string(), z.string().nullable()).optional(),
});
export type SnapshotChange = z.infer<typeof SnapshotChange>;

/** Why a snapshot is in `error`; shown as `statusReason`. */
export const SnapshotFault = z.strictObject({ code: z.string(), title: z.string() });
export type SnapshotFault = z.infer<typeof SnapshotFault>;

/** In which state the cloud keeps it, as far as is known. */
export const Condition = z.enum([
  'creating',
  'available',
  'rolling-back',
  'backing-up',
  'deleting',
  'error',
  'error-deleting',
  'unknown',
]);
export type Condition = z.infer<typeof Condition>;

/** What the cloud showed of a snapshot, in our words. */
export const SnapshotSighting = z.strictObject({
  cloudId: z.string(),
  condition: Condition,
  /** The cloud's own word for it. Absent: not told. */
  cloudStatus: z.string().exactOptional(),
  name: z.string(),
  description: z.string(),
  metadata: Metadata,
});
export type SnapshotSighting = z.infer<typeof SnapshotSighting>;

/** The operation that works on the snapshot, and the one that users see. */
export const SnapshotWork = z.strictObject({ operationId: OperationId, shownAs: OperationId });
export type SnapshotWork = z.infer<typeof SnapshotWork>;

const ended = { operationId: OperationId };
const failed = z.strictObject({ ...ended, fault: SnapshotFault });

/** Every event of a snapshot's stream with the schema of each version ever written. */
export const snapshotEventSchemas = {
  SnapshotRequested: {
    1: z.strictObject({
      ...SnapshotWork.shape,
      snapshotId: SnapshotId,
      projectId: ProjectId,
      bindingId: BindingId,
      diskId: DiskId,
      spec: SnapshotSpec,
      extent: Extent,
    }),
  },
  /** A creation that left nothing behind is tried again; the disk may have changed since. */
  SnapshotRequestedAgain: { 1: z.strictObject({ ...SnapshotWork.shape, extent: Extent }) },
  SnapshotTaken: { 1: z.strictObject({ ...ended, cloudId: z.string() }) },
  /** `cloudId`: what is left in the cloud in an error state, charged until its deletion was observed. */
  SnapshotCreationFailed: { 1: z.strictObject({ ...failed.shape, cloudId: z.string().nullable() }) },
  SnapshotChangeRequested: { 1: z.strictObject({ ...SnapshotWork.shape, change: SnapshotChange }) },
  SnapshotChanged: { 1: z.strictObject({ ...ended, change: SnapshotChange }) },
  SnapshotChangeFailed: { 1: failed },
  SnapshotDeletionRequested: { 1: SnapshotWork },
  /** Absence was observed. */
  SnapshotDeleted: { 1: z.strictObject(ended) },
  /** `broken`: the cloud left it in an error state, which it calls `cloudStatus`; else it is as it was before. */
  SnapshotDeletionFailed: {
    1: z.strictObject({ ...failed.shape, broken: z.boolean(), cloudStatus: z.string().exactOptional() }),
  },
  /** Its disk is being rolled back to it. */
  SnapshotRollbackRequested: { 1: SnapshotWork },
  /** Whatever came of it, the snapshot is as it was. */
  SnapshotRollbackEnded: { 1: z.strictObject(ended) },
  /** A disk is being made from it. */
  SnapshotUsed: { 1: z.strictObject({ ...ended, diskId: DiskId }) },
  SnapshotUseEnded: { 1: z.strictObject(ended) },
  /** The cloud shows something that the log did not know. */
  SnapshotObserved: { 1: z.strictObject({ sighting: SnapshotSighting }) },
  /** The cloud does not know the snapshot any more, and Strata did not delete it: nothing of it is there, nor charged. */
  SnapshotFoundMissing: { 1: z.strictObject({}) },
} as const;

export type SnapshotEvent = EventOf<typeof snapshotEventSchemas>;

export const snapshotEvent: EventMaker<typeof snapshotEventSchemas> = newEvent;
