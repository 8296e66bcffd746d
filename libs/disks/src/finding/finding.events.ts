import { BindingId, DiskId, FindingId, newEvent, ProjectId, type EventMaker, type EventOf } from '@strata/kernel';
import { z } from 'zod';

/**
 * What can be wrong with one disk of a cloud:
 * - `unknown`: it is there, and Strata did not make it,
 * - `missing`: a disk of ours is gone,
 * - `changed`: name, description, size, type, tags or health of a disk of ours are not those of the log,
 * - `attachment-changed`: a disk of ours was attached or detached elsewhere,
 * - `lost-marker`: a disk of ours no longer carries Strata's marker,
 * - `foreign-marker`: it carries the marker of another Strata,
 * - `orphan`: it carries a marker of ours, no disk of the log is it, and it cannot be removed as it is.
 */
export const FindingKind = z.enum([
  'unknown',
  'missing',
  'changed',
  'orphan',
  'foreign-marker',
  'lost-marker',
  'attachment-changed',
]);
export type FindingKind = z.infer<typeof FindingKind>;

/** Of the log and of the cloud one value each, as text. */
const Difference = z.strictObject({ member: z.string(), log: z.string(), cloud: z.string() });
export type Difference = z.infer<typeof Difference>;

/** What log and cloud say, as far as it speaks for the finding. */
export const Evidence = z.strictObject({
  differences: z.array(Difference),
  /** Null: the cloud does not know it. */
  cloud: z
    .strictObject({
      name: z.string(),
      sizeGiB: z.int(),
      type: z.string(),
      availabilityZone: z.string(),
      marker: z.string().nullable(),
      createdAt: z.string(),
    })
    .nullable(),
});
export type Evidence = z.infer<typeof Evidence>;

/** Whose it may be, and what says so. */
export const OwnerGuess = z.strictObject({ by: z.enum(['marker', 'tag', 'name']), value: z.string() });
export type OwnerGuess = z.infer<typeof OwnerGuess>;

const seen = { findingId: FindingId, evidence: Evidence, ownerGuess: OwnerGuess.nullable() };
const ofFinding = { findingId: FindingId };

/** Every event of a stream of findings with the schema of each version ever written. */
export const findingEventSchemas = {
  FindingOpened: {
    1: z.strictObject({
      ...seen,
      kind: FindingKind,
      bindingId: BindingId,
      cloudId: z.string(),
      projectId: ProjectId.nullable(),
      diskId: DiskId.nullable(),
    }),
  },
  /** It is there still, and what speaks for it is other than before. */
  FindingChanged: { 1: z.strictObject(seen) },
  /** Not to be shown as open before `until`. */
  FindingIgnored: { 1: z.strictObject({ ...ofFinding, until: z.string() }) },
  /** It is there still, after the time for which it was ignored. */
  FindingReopened: { 1: z.strictObject(ofFinding) },
  /** A sweep saw the thing in order, or gone where it should not have been. */
  FindingResolved: { 1: z.strictObject(ofFinding) },
} as const;

export type FindingEvent = EventOf<typeof findingEventSchemas>;

export const findingEvent: EventMaker<typeof findingEventSchemas> = newEvent;
