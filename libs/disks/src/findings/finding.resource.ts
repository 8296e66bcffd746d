import { BindingId, DiskId, FindingId, ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { Evidence, FindingKind, OwnerGuess } from '../finding/index.js';

export const FindingStatus = z.enum(['open', 'ignored', 'resolved']);
export type FindingStatus = z.infer<typeof FindingStatus>;

/** What can safely be asked of Strata because of a finding. */
const FindingAction = z.enum(['ignore', 'refresh-disk', 'delete-disk']);
type FindingAction = z.infer<typeof FindingAction>;

export const FindingResource = z
  .strictObject({
    id: FindingId,
    bindingId: BindingId,
    projectId: ProjectId.nullable(),
    diskId: DiskId.nullable(),
    kind: FindingKind,
    status: FindingStatus,
    cloud: z.strictObject({ id: z.string() }),
    evidence: Evidence,
    ownerGuess: OwnerGuess.nullable(),
    actions: z.array(FindingAction),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    ignoredUntil: z.string().nullable(),
  })
  .meta({ id: 'Finding' });
export type FindingResource = z.infer<typeof FindingResource>;

/** All that a finding shows, but what follows from it. */
export type FindingRecord = Omit<FindingResource, 'actions'>;

/** Nothing that Strata did not make is ever deleted: what it may delete is the log's own word of a disk that is gone. */
const actionsOf: Readonly<Record<z.infer<typeof FindingKind>, readonly FindingAction[]>> = {
  unknown: ['ignore'],
  'foreign-marker': ['ignore'],
  orphan: ['ignore'],
  missing: ['refresh-disk', 'delete-disk', 'ignore'],
  changed: ['refresh-disk', 'ignore'],
  'attachment-changed': ['refresh-disk', 'ignore'],
  'lost-marker': ['ignore'],
};

export const showFinding = (record: FindingRecord): FindingResource => ({
  ...record,
  actions: record.status === 'resolved' ? [] : [...actionsOf[record.kind]],
});
