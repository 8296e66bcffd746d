import {
  ActorId,
  BindingId,
  DiskId,
  newEvent,
  OperationId,
  ProjectId,
  SnapshotId,
  TransferId,
  type EventMaker,
  type EventOf,
} from '@strata/kernel';
import { z } from 'zod';

const Labels = z.record(z.string(), z.string());
/** `null` removes a key. */
const LabelChange = z.record(z.string(), z.string().nullable());

/** What a disk begins with; an empty one has none. `imageId` is the cloud's own. */
export const DiskSource = z.union([
  z.strictObject({ snapshotId: SnapshotId }),
  z.strictObject({ imageId: z.string() }),
]);
export type DiskSource = z.infer<typeof DiskSource>;

export const DiskSpec = z.strictObject({
  name: z.string(),
  description: z.string(),
  sizeGiB: z.int().positive(),
  type: z.string(),
  availabilityZone: z.string(),
  tags: Labels,
  metadata: Labels,
  source: DiskSource.exactOptional(),
  /** Absent: one server at a time. */
  shareable: z.literal(true).exactOptional(),
  /** Absent: as the source is, and an empty one is not. `keyId`: of the cloud's key service. */
  encryption: z.strictObject({ keyId: z.string() }).exactOptional(),
  /** Absent: VBD. */
  deviceType: z.literal('scsi').exactOptional(),
});
export type DiskSpec = z.infer<typeof DiskSpec>;

export const DiskChange = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  tags: LabelChange.optional(),
  metadata: LabelChange.optional(),
  bootable: z.boolean().optional(),
  readOnly: z.boolean().optional(),
});
export type DiskChange = z.infer<typeof DiskChange>;

/** Why a disk is in `error`; shown as `statusReason`. */
export const DiskFault = z.strictObject({ code: z.string(), title: z.string() });
export type DiskFault = z.infer<typeof DiskFault>;

export const Attachment = z.strictObject({ serverId: z.string(), device: z.string().nullable() });

/** What a disk has from its source: only the cloud tells. */
export const InheritedTraits = z.strictObject({ bootable: z.boolean(), encrypted: z.boolean() });
export type InheritedTraits = z.infer<typeof InheritedTraits>;

/** What the cloud showed of a disk, in our words. */
export const DiskSighting = z.strictObject({
  cloudId: z.string(),
  status: z.string(),
  cloudStatus: z.string(),
  name: z.string(),
  description: z.string(),
  sizeGiB: z.int().positive(),
  type: z.string(),
  bootable: z.boolean(),
  shareable: z.boolean(),
  encrypted: z.boolean(),
  /** Absent: it can be written. */
  readOnly: z.literal(true).exactOptional(),
  attachments: z.array(Attachment),
  tags: Labels,
  metadata: Labels,
});
export type DiskSighting = z.infer<typeof DiskSighting>;

/** The state that the cloud showed at the end of some work: in our words and in its own. */
export const StateSeen = z.strictObject({ condition: z.string(), cloudStatus: z.string() });
export type StateSeen = z.infer<typeof StateSeen>;

/** A disk as the cloud showed it last, in the middle of work that it does not bring to an end: in our words and in its own. */
export const LeftInCloud = z.strictObject({ cloudId: z.string(), ...StateSeen.shape });
export type LeftInCloud = z.infer<typeof LeftInCloud>;

export const DeletionLock = z.strictObject({
  reason: z.string().nullable(),
  /** Who locked it. */
  by: ActorId,
  /** RFC 3339, UTC, milliseconds; as `notBefore`. */
  since: z.string(),
});
export type DeletionLock = z.infer<typeof DeletionLock>;

/** Of a disk in a cloud where it is attached to nothing by Strata; absent elsewhere. */
const attachable = z.literal(false).exactOptional();

/** Of a snapshot that the cloud could not delete. Absent: it is not so. */
const stuck = z.literal(true).exactOptional();

/**
 * The operation that works on the disk, and the one that users see (they differ for the parts of a batch).
 */
export const Work = z.strictObject({ operationId: OperationId, shownAs: OperationId });
export type Work = z.infer<typeof Work>;

const ended = { operationId: OperationId };

/** What the work left broken. Absent: what the cloud calls it is seen at the next look, as before this was told. */
const seen = StateSeen.exactOptional();

/** What a disk is and has, whoever it belongs to: all that goes over to another project with it. */
export const DiskEstate = z.strictObject({
  diskId: DiskId,
  name: z.string(),
  description: z.string(),
  sizeGiB: z.int().positive(),
  type: z.string(),
  availabilityZone: z.string(),
  tags: Labels,
  metadata: Labels,
  /** Keys of metadata that were set through Strata. Absent: all of them, as far as is known. */
  ownMetadata: z.array(z.string()).exactOptional(),
  deviceType: z.literal('scsi').exactOptional(),
  /** With what, is the affair of the project where it was made. Absent: not told, as before this was asked. */
  began: z.enum(['empty', 'from-source', 'unknown']).exactOptional(),
  cloudId: z.string(),
  cloudStatus: z.string(),
  condition: z.string(),
  madeBy: OperationId.exactOptional(),
  attachable,
  traits: DiskSighting.pick({ bootable: true, shareable: true, encrypted: true, readOnly: true, attachments: true }),
});
export type DiskEstate = z.infer<typeof DiskEstate>;

/** Every event of a disk's stream with the schema of each version ever written. */
export const diskEventSchemas = {
  DiskRequested: {
    1: z.strictObject({
      ...Work.shape,
      diskId: DiskId,
      projectId: ProjectId,
      bindingId: BindingId,
      spec: DiskSpec,
      attachable,
    }),
  },
  /** A create that left nothing behind is tried again. */
  DiskRequestedAgain: { 1: Work },
  /** `inherited`: of a disk with a source, where it was seen. */
  DiskProvisioned: {
    1: z.strictObject({ ...ended, cloudId: z.string(), inherited: InheritedTraits.exactOptional() }),
  },
  /** `cloudId`: what is left in the cloud in an error state, charged until its deletion was observed. */
  DiskCreationFailed: { 1: z.strictObject({ ...ended, fault: DiskFault, cloudId: z.string().nullable() }) },
  /** A disk that Strata did not make is to become one of the project; `spec`: as a sweep saw it. */
  DiskAdoptionRequested: {
    1: z.strictObject({
      ...Work.shape,
      diskId: DiskId,
      projectId: ProjectId,
      bindingId: BindingId,
      cloudId: z.string(),
      spec: DiskSpec,
      attachable,
    }),
  },
  /** It carries our marker, and this is what it is. */
  DiskAdopted: { 1: z.strictObject({ ...ended, sighting: DiskSighting }) },
  /** It is none of the project, and stays in the cloud as it is. */
  DiskAdoptionFailed: { 1: z.strictObject({ ...ended, fault: DiskFault }) },
  DiskChangeRequested: { 1: z.strictObject({ ...Work.shape, change: DiskChange }) },
  DiskChanged: { 1: z.strictObject({ ...ended, change: DiskChange }) },
  DiskChangeFailed: { 1: z.strictObject({ ...ended, fault: DiskFault }) },
  DiskExtensionRequested: { 1: z.strictObject({ ...Work.shape, fromGiB: z.int(), toGiB: z.int() }) },
  DiskExtended: { 1: z.strictObject({ ...ended, sizeGiB: z.int() }) },
  /** The disk is as it was before. */
  DiskExtensionFailed: { 1: z.strictObject({ ...ended, fault: DiskFault }) },
  /** The cloud left it broken: the difference stays held until the size is observed. */
  DiskExtensionBroken: { 1: z.strictObject({ ...ended, fault: DiskFault, seen }) },
  DiskRetypeRequested: { 1: z.strictObject({ ...Work.shape, fromType: z.string(), toType: z.string() }) },
  DiskRetyped: { 1: z.strictObject({ ...ended, type: z.string() }) },
  /** `unknown`: the cloud may still be at it, so that the new type stays held until the type was observed. */
  DiskRetypeFailed: { 1: z.strictObject({ ...ended, fault: DiskFault, left: z.enum(['as-it-was', 'unknown']) }) },
  DiskAttachmentRequested: {
    1: z.strictObject({ ...Work.shape, serverId: z.string(), device: z.string().nullable() }),
  },
  DiskAttached: { 1: z.strictObject({ ...ended, ...Attachment.shape }) },
  /** The disk is as it was before. */
  DiskAttachmentFailed: { 1: z.strictObject({ ...ended, fault: DiskFault }) },
  DiskDetachmentRequested: { 1: z.strictObject({ ...Work.shape, serverId: z.string() }) },
  DiskDetached: { 1: z.strictObject({ ...ended, serverId: z.string() }) },
  /** The disk is as it was before. */
  DiskDetachmentFailed: { 1: z.strictObject({ ...ended, fault: DiskFault }) },
  /** A snapshot of the disk is being made. */
  DiskSnapshotBegan: { 1: z.strictObject({ ...Work.shape, snapshotId: SnapshotId }) },
  /** It is in the cloud, whole or broken. */
  DiskSnapshotKept: { 1: z.strictObject({ ...ended, snapshotId: SnapshotId }) },
  /** Nothing of it is in the cloud. */
  DiskSnapshotDropped: { 1: z.strictObject({ ...ended, snapshotId: SnapshotId }) },
  /** Its deletion is under way. */
  DiskSnapshotLeaving: { 1: z.strictObject({ snapshotId: SnapshotId }) },
  /** Its deletion came to nothing. `stuck`: it takes no other until the vendor of the cloud has mended it. */
  DiskSnapshotStayed: { 1: z.strictObject({ snapshotId: SnapshotId, stuck }) },
  /** The absence of one that was kept was observed. */
  DiskSnapshotRemoved: { 1: z.strictObject({ snapshotId: SnapshotId }) },
  /** One that was gone is there again, or one is `stuck`, or is so no more. */
  DiskSnapshotFound: { 1: z.strictObject({ snapshotId: SnapshotId, stuck }) },
  /** The disk has a snapshot that Strata did not make: the cloud would delete it with the disk. */
  DiskForeignSnapshotFound: { 1: z.strictObject({ cloudId: z.string() }) },
  DiskForeignSnapshotGone: { 1: z.strictObject({ cloudId: z.string() }) },
  DiskRollbackRequested: { 1: z.strictObject({ ...Work.shape, snapshotId: SnapshotId }) },
  DiskRolledBack: { 1: z.strictObject(ended) },
  /** `unknown`: it may have been rolled back or not, only a look at the disk tells in which state it is. */
  DiskRollbackFailed: {
    1: z.strictObject({ ...ended, fault: DiskFault, left: z.enum(['as-it-was', 'broken', 'unknown']), seen }),
  },
  /** Another project may accept it; until then nothing is done to it. */
  DiskOffered: { 1: z.strictObject({ transferId: TransferId }) },
  /** Withdrawn, or it came to nothing: the disk is as it was before. */
  DiskOfferEnded: { 1: z.strictObject({ transferId: TransferId }) },
  /** The cloud is bringing it to another project: until that has ended nothing is done to it. */
  DiskHandoverBegan: { 1: z.strictObject({ ...Work.shape, transferId: TransferId }) },
  /** It is still offered. `unknown`: where it is, and in which state, only a look tells. */
  DiskHandoverFailed: { 1: z.strictObject({ ...ended, fault: DiskFault, left: z.enum(['as-it-was', 'unknown']) }) },
  /**
   * The first event of a disk in the project that it came to. What went before belongs to the project that it left, so that
   * this one tells all of it. `madeAt`: RFC 3339 with milliseconds.
   */
  DiskReceived: {
    1: z.strictObject({
      ...ended,
      projectId: ProjectId,
      bindingId: BindingId,
      madeAt: z.string(),
      estate: DiskEstate,
    }),
  },
  /** An image is being made of the disk. */
  DiskImageRequested: { 1: z.strictObject({ ...Work.shape, name: z.string() }) },
  /** `imageId`: of the cloud. */
  DiskImageMade: { 1: z.strictObject({ ...ended, imageId: z.string() }) },
  /** The disk is as it was before. */
  DiskImageFailed: { 1: z.strictObject({ ...ended, fault: DiskFault }) },
  DiskDeletionLocked: { 1: DeletionLock },
  DiskDeletionUnlocked: { 1: z.strictObject({}) },
  /** `notBefore`: until then it is kept as it is, and can be had back. Absent: at once. Ends what is undecided, as far as it says. */
  DiskDeletionRequested: { 1: z.strictObject({ ...Work.shape, notBefore: z.string().exactOptional() }) },
  /** With its deletion: what is held for an extension or a retype whose end nobody has seen stays so until the disk is seen. */
  DiskUndecidedKept: {
    1: z.strictObject({
      undecidedGiB: z.int(),
      undecidedMove: DiskSpec.pick({ type: true, sizeGiB: true }).nullable(),
    }),
  },
  /** Absence was observed. */
  DiskDeleted: { 1: z.strictObject(ended) },
  /** `broken`: the cloud left it in an error state; else it is as it was before. */
  DiskDeletionFailed: { 1: z.strictObject({ ...ended, fault: DiskFault, broken: z.boolean(), seen }) },
  /**
   * The cloud does not bring the work to an end, and only its vendor can: the disk is left as it was seen last, with all that
   * is charged for it, until a look shows something else.
   */
  DiskQuarantined: {
    1: z.strictObject({ ...ended, fault: DiskFault, ...LeftInCloud.shape }),
  },
  DiskRefreshRequested: { 1: Work },
  DiskRefreshEnded: { 1: z.strictObject(ended) },
  /** The cloud shows something that the log did not know. */
  DiskObserved: { 1: z.strictObject({ sighting: DiskSighting }) },
  /** The cloud does not know the disk any more, and Strata did not delete it. */
  DiskFoundMissing: { 1: z.strictObject({}) },
  /** An empty one of the same kind is to take the place of one that is gone; what was on it is lost. */
  DiskRecreationRequested: { 1: Work },
  DiskRecreated: { 1: z.strictObject({ ...ended, cloudId: z.string() }) },
  /** `cloudId`: what is left in the cloud in an error state; else it is missing as before. */
  DiskRecreationFailed: { 1: z.strictObject({ ...ended, fault: DiskFault, cloudId: z.string().nullable() }) },
} as const;

export type DiskEvent = EventOf<typeof diskEventSchemas>;
export type DiskEventOf<Type extends DiskEvent['type']> = EventOf<typeof diskEventSchemas, Type>;

/** What every fact tells of a disk that work left broken. */
export type LeftBroken = Pick<DiskEventOf<'DiskExtensionBroken'>['data'], 'fault' | 'seen'>;

export const diskEvent: EventMaker<typeof diskEventSchemas> = newEvent;
