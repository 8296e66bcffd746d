import {
  ActorId,
  BindingId,
  DiskId,
  FindingId,
  newEvent,
  OperationId,
  ProjectId,
  SnapshotId,
  type EventMaker,
  type EventOf,
} from '@strata/kernel';
import { z } from 'zod';

/**
 * What can be wrong with one disk or snapshot of a cloud:
 * - `unknown`: it is there, and nobody's: Strata did not make it, or the log has it as deleted or as gone from another binding,
 * - `missing`: one of ours is gone,
 * - `changed`: name, description, size, type, labels or health of one of ours are not those of the log,
 * - `attachment-changed`: a disk of ours was attached or detached elsewhere,
 * - `stuck`: one of ours stays in a state that should pass, and no operation of ours works on it,
 * - `lost-marker`: one of ours no longer carries Strata's marker everywhere it belongs,
 * - `foreign-marker`: it carries the marker of another Strata,
 * - `orphan`: it carries a marker of ours, nothing in the log is it, and it cannot be removed as it is.
 */
export const FindingKind = z.enum([
  'unknown',
  'missing',
  'changed',
  'orphan',
  'foreign-marker',
  'lost-marker',
  'attachment-changed',
  'stuck',
]);
export type FindingKind = z.infer<typeof FindingKind>;

/** Of the log and of the cloud one value each, as text. Null: that side has none, as of a label that is not there. */
const Difference = z.strictObject({
  member: z.string(),
  log: z.string().nullable(),
  cloud: z.string().nullable(),
});
export type Difference = z.infer<typeof Difference>;

/** The member of the difference whose `log` is a time, in RFC 3339: since when the log has known the thing in a state. */
export const statusSince = 'statusSince';

/** Of what is gone: what the log has of it, and since when. Times in RFC 3339. */
const LastKnown = z.strictObject({
  name: z.string(),
  sizeGiB: z.int(),
  type: z.string(),
  /** Null: of a snapshot. */
  availabilityZone: z.string().nullable(),
  /** Ids of the servers that it was attached to. */
  servers: z.array(z.string()),
  /** An empty one can take its place. */
  recreatable: z.boolean(),
  /** When the cloud showed it last, as far as is known; a look that had no news is not kept, but for the last sweep. */
  lastSeenAt: z.string().nullable(),
  missingSince: z.string(),
  /** The look that missed it first. */
  foundBy: z.enum(['sweep', 'refresh']),
  /** Of the refresh. */
  operationId: z.string().nullable(),
});
export type LastKnown = z.infer<typeof LastKnown>;

/** What log and cloud say, as far as it speaks for the finding. */
export const Evidence = z.strictObject({
  differences: z.array(Difference),
  /** Null: the cloud does not know it. */
  cloud: z
    .strictObject({
      name: z.string(),
      sizeGiB: z.int(),
      /** Null: of a snapshot, which is of the type and in the zone of its disk. */
      type: z.string().nullable(),
      availabilityZone: z.string().nullable(),
      marker: z.string().nullable(),
      createdAt: z.string(),
      /** Absent: of a sighting from before they were kept. */
      tags: z.record(z.string(), z.string()).exactOptional(),
      /** Ids of the servers that it is attached to. Absent as well, and of a snapshot. */
      servers: z.array(z.string()).exactOptional(),
      /** Of a snapshot: the disk that it was taken of, by the cloud's id. Absent as well. */
      diskId: z.string().exactOptional(),
    })
    .nullable(),
  /** Of what is missing. Absent: of anything else, or of a sighting from before it was kept. */
  lastKnown: LastKnown.exactOptional(),
});
export type Evidence = z.infer<typeof Evidence>;

/** Whose it may be, and what says so. */
export const OwnerGuess = z.strictObject({ by: z.enum(['marker', 'tag', 'name']), value: z.string() });
export type OwnerGuess = z.infer<typeof OwnerGuess>;

/** Why a removal came to nothing. */
const RemovalFault = z.strictObject({ code: z.string(), title: z.string() });
export type RemovalFault = z.infer<typeof RemovalFault>;

const seen = { findingId: FindingId, evidence: Evidence, ownerGuess: OwnerGuess.nullable() };
const ofFinding = { findingId: FindingId };
/** The operation that works on the disk, and the one that users see. */
const ofAdoption = { ...ofFinding, operationId: OperationId, diskId: DiskId, projectId: ProjectId };

/** Every event of a stream of findings with the schema of each version ever written. */
export const findingEventSchemas = {
  FindingOpened: {
    1: z.strictObject({
      ...seen,
      kind: FindingKind,
      bindingId: BindingId,
      cloudId: z.string(),
      projectId: ProjectId.nullable(),
      /** Of a snapshot: the disk of the log that it was taken of. */
      diskId: DiskId.nullable(),
      /** Absent: it is a disk. */
      resource: z.literal('snapshot').exactOptional(),
      /** Which snapshot of the log it is. */
      snapshotId: SnapshotId.exactOptional(),
    }),
  },
  /** It is there still, and what speaks for it is other than before. */
  FindingChanged: { 1: z.strictObject(seen) },
  /** As it is seen now: not to be shown as open before `until`. */
  FindingIgnored: { 1: z.strictObject({ ...ofFinding, until: z.string() }) },
  /** It is there still, after the time for which it was ignored; or it is `changed` in what nobody had seen when it was ignored. */
  FindingReopened: { 1: z.strictObject(ofFinding) },
  /** The disk of the cloud is about to become one of a project. */
  FindingAdoptionBegan: { 1: z.strictObject({ ...ofAdoption, shownAs: OperationId }) },
  FindingAdoptionFailed: { 1: z.strictObject({ ...ofFinding, operationId: OperationId }) },
  /** It is the disk `diskId` of the log from now on, and nothing is wrong with it. */
  FindingAdopted: { 1: z.strictObject(ofAdoption) },
  /** A sweep saw the thing in order, or gone where it should not have been; or somebody settled it: the log took over what was changed, another disk has the place of one that was missing, or it was deleted through Strata. */
  FindingResolved: { 1: z.strictObject(ofFinding) },
  /** Strata wrote its marker back, or what somebody else had changed: it is as it was. */
  FindingRepaired: { 1: z.strictObject(ofFinding) },
  /** Somebody wants it removed from the cloud, though Strata did not make it. */
  FindingRemovalRequested: {
    1: z.strictObject({ ...ofFinding, by: ActorId, reason: z.string(), expiresAt: z.string() }),
  },
  /** `issuers`: who issued the token of `by`, who that one's, and so on, nearest first. Absent: not told, as before it was asked. */
  FindingRemovalApproved: {
    1: z.strictObject({ ...ofFinding, by: ActorId, issuers: z.array(ActorId).exactOptional() }),
  },
  /** Enough have approved: the operation removes it. */
  FindingRemovalBegan: { 1: z.strictObject({ ...ofFinding, operationId: OperationId }) },
  FindingRemovalRejected: { 1: z.strictObject({ ...ofFinding, by: ActorId }) },
  /** `changed`: it is not any more what was to be removed. */
  FindingRemovalExpired: { 1: z.strictObject({ ...ofFinding, why: z.enum(['time', 'changed']) }) },
  /** It is there still. */
  FindingRemovalFailed: { 1: z.strictObject({ ...ofFinding, operationId: OperationId, fault: RemovalFault }) },
  /** Its absence was observed. */
  FindingRemoved: { 1: z.strictObject({ ...ofFinding, operationId: OperationId }) },
} as const;

export type FindingEvent = EventOf<typeof findingEventSchemas>;
export type FindingEventOf<Type extends FindingEvent['type']> = EventOf<typeof findingEventSchemas, Type>;

export const findingEvent: EventMaker<typeof findingEventSchemas> = newEvent;
