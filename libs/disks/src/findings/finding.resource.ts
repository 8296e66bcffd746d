import { ActorId, BindingId, DiskId, FindingId, OperationId, ProjectId, SnapshotId } from '@strata/kernel';
import { inMilliseconds } from '@strata/projects';
import { z } from 'zod';
import {
  Evidence,
  FindingKind,
  isAdoptable,
  isRemovable,
  OwnerGuess,
  statusSince,
  type Difference,
} from '../finding/index.js';
import { isWritable } from '../repair-finding/put-back.js';

export const FindingStatus = z.enum(['open', 'ignored', 'adopting', 'resolved']);
export type FindingStatus = z.infer<typeof FindingStatus>;

/** What can safely be asked of Strata because of a finding. */
const FindingAction = z.enum([
  'adopt',
  'ignore',
  'repair',
  'refresh-disk',
  'delete-disk',
  'recreate-disk',
  'delete-snapshot',
  'request-removal',
  'approve-removal',
  'reject-removal',
]);
type FindingAction = z.infer<typeof FindingAction>;

export const FindingSubject = z.enum(['disk', 'snapshot']);
export type FindingSubject = z.infer<typeof FindingSubject>;

const Actor = z.strictObject({ id: ActorId });

/** Of what Strata did not make, with those who want it. */
export const RemovalResource = z
  .strictObject({
    /** `approved`: an operation removes it, or did: it tells how that stands. */
    status: z.enum(['requested', 'approved', 'rejected', 'expired', 'failed', 'done']),
    reason: z.string(),
    requestedBy: Actor,
    requestedAt: z.string(),
    expiresAt: z.string(),
    approvals: z.array(z.strictObject({ actor: Actor, at: z.string() })),
    rejectedBy: Actor.nullable(),
    operationId: OperationId.nullable(),
  })
  .meta({ id: 'Removal' });
export type RemovalResource = z.infer<typeof RemovalResource>;

export const FindingResource = z
  .strictObject({
    id: FindingId,
    bindingId: BindingId,
    projectId: ProjectId.nullable(),
    /** What it is about. */
    resource: FindingSubject,
    /** The disk of the log that it is, or that the snapshot was taken of. */
    diskId: DiskId.nullable(),
    snapshotId: SnapshotId.nullable(),
    kind: FindingKind,
    status: FindingStatus,
    cloud: z.strictObject({ id: z.string() }),
    evidence: Evidence,
    ownerGuess: OwnerGuess.nullable(),
    actions: z.array(FindingAction),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    ignoredUntil: z.string().nullable(),
    /** The last one that was asked for. */
    removal: RemovalResource.nullable(),
  })
  .meta({ id: 'Finding' });
export type FindingResource = z.infer<typeof FindingResource>;

/** All that a finding shows, but what follows from it. */
export type FindingRecord = Omit<FindingResource, 'actions'>;

/** Of what the log knows; what Strata may delete by itself is the log's own word of something that is gone. */
const ofOurs: Readonly<Record<FindingSubject, Partial<Record<FindingKind, readonly FindingAction[]>>>> = {
  disk: {
    missing: ['refresh-disk', 'recreate-disk', 'delete-disk'],
    changed: ['refresh-disk'],
    'attachment-changed': ['refresh-disk'],
    stuck: ['refresh-disk'],
  },
  snapshot: { missing: ['delete-snapshot'] },
};

/** What can be written back as the log had it before. */
const repairOf = ({ resource, kind, evidence }: FindingRecord): readonly FindingAction[] =>
  resource === 'disk' && kind === 'changed' && evidence.differences.some(({ member }) => isWritable(member))
    ? ['repair']
    : [];

/** Nothing that Strata did not make is ever deleted but with the approval of two people. */
const ofStrangers = ({ removal }: FindingRecord): readonly FindingAction[] => {
  switch (removal?.status) {
    case 'requested':
      return ['approve-removal', 'reject-removal'];
    case 'approved':
      return [];
    default:
      return ['request-removal'];
  }
};

const actionsOf = (record: FindingRecord): FindingAction[] => {
  if (record.status === 'resolved' || record.status === 'adopting') return [];
  const ours = [...repairOf(record), ...(ofOurs[record.resource][record.kind] ?? [])].filter(
    (action) => action !== 'recreate-disk' || record.evidence.lastKnown?.recreatable !== false,
  );
  const removable = isRemovable(record);
  const adopts = isAdoptable({ ...record, removable }) && record.removal?.status !== 'approved';
  return [...(adopts ? (['adopt'] as const) : []), ...(removable ? ofStrangers(record) : ours), 'ignore'];
};

const shownDifference = (difference: Difference): Difference =>
  difference.member === statusSince && difference.log !== null
    ? { ...difference, log: inMilliseconds(difference.log) }
    : difference;

/** Older events have times as the log keeps them: in microseconds. */
const shownEvidence = ({ lastKnown, differences, ...rest }: Evidence): Evidence => {
  const evidence = { differences: differences.map(shownDifference), ...rest };
  if (lastKnown === undefined) return evidence;
  const lastSeenAt = lastKnown.lastSeenAt === null ? null : inMilliseconds(lastKnown.lastSeenAt);
  const missingSince = inMilliseconds(lastKnown.missingSince);
  return { ...evidence, lastKnown: { ...lastKnown, lastSeenAt, missingSince } };
};

export const showFinding = (record: FindingRecord): FindingResource => ({
  ...record,
  evidence: shownEvidence(record.evidence),
  actions: actionsOf(record),
});
