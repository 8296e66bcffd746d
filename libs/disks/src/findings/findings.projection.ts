import type { Projection, RecordedEvent, ViewRow } from '@strata/event-store';
import { unreachable, type FindingId } from '@strata/kernel';
import { operationEvents } from '@strata/operations';
import { bindingEvents, inMilliseconds, nodeOf, projectEvents } from '@strata/projects';
import { diskEvents, findingEvents } from '../catalogue.js';
import type { FindingEvent, FindingEventOf } from '../finding/index.js';
import type { FindingRecord, RemovalResource } from './finding.resource.js';

export interface FindingRow extends ViewRow {
  readonly bindingId: string;
  readonly resource: string;
  readonly diskId: string | null;
  readonly snapshotId: string | null;
  readonly cloudId: string;
  readonly kind: string;
  readonly status: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly doc: FindingRecord;
}

/** One row for each finding, resolved ones too. What lies in no project belongs to the node of its binding. */
export const findingsView: Projection<FindingRow> = {
  name: 'findings',
  columns: {
    binding_id: 'uuid',
    resource: 'text',
    disk_id: 'uuid',
    snapshot_id: 'uuid',
    cloud_id: 'text',
    kind: 'text',
    status: 'text',
    first_seen_at: 'timestamptz',
    last_seen_at: 'timestamptz',
    doc: 'jsonb',
  },
  handles: findingEvents.names,
  ignores: [...diskEvents.names, ...operationEvents.names, ...projectEvents.names, ...bindingEvents.names],
  keys: (event) => [factOf(event).data.findingId],
  apply: (row, event) => {
    const record = recordAfter(row && upToDate(row.doc), factOf(event), inMilliseconds(event.recordedAt));
    return record === undefined ? null : rowOf(record);
  },
};

const before = { resource: 'disk', snapshotId: null, removal: null } as const;
/** Rows that an older build wrote lack some members. */
export const upToDate = (doc: FindingRecord): FindingRecord => ({ ...before, ...doc });

/** Handled events arrive in today's shape. */
const factOf = (event: RecordedEvent) => event as unknown as FindingEvent;

const opened = ({ data }: FindingEventOf<'FindingOpened'>, at: string): FindingRecord => {
  const { findingId, cloudId, resource = 'disk', snapshotId = null, ...found } = data;
  const times = { firstSeenAt: at, lastSeenAt: at, ignoredUntil: null };
  return {
    id: findingId,
    status: 'open',
    cloud: { id: cloudId },
    resource,
    snapshotId,
    ...found,
    ...times,
    removal: null,
  };
};

/** What is over wants no removal any more. */
const resolved = (record: FindingRecord): FindingRecord => ({
  ...record,
  status: 'resolved',
  ignoredUntil: null,
  removal: record.removal?.status === 'requested' ? { ...record.removal, status: 'expired' } : record.removal,
});

const withRemoval = (record: FindingRecord, change: (removal: RemovalResource) => Partial<RemovalResource>) =>
  record.removal === null ? record : { ...record, removal: { ...record.removal, ...change(record.removal) } };

const recordAfter = (record: FindingRecord | undefined, fact: FindingEvent, at: string): FindingRecord | undefined => {
  if (fact.type === 'FindingOpened') return opened(fact, at);
  if (record === undefined) return undefined;
  switch (fact.type) {
    case 'FindingChanged': {
      const { evidence, ownerGuess } = fact.data;
      return { ...record, evidence, ownerGuess, lastSeenAt: at };
    }
    case 'FindingIgnored':
      return { ...record, status: 'ignored', ignoredUntil: fact.data.until };
    case 'FindingReopened':
      return { ...record, status: 'open', ignoredUntil: null, lastSeenAt: at };
    case 'FindingAdoptionBegan':
      return { ...record, status: 'adopting', ignoredUntil: null };
    case 'FindingAdoptionFailed':
      return { ...record, status: 'open' };
    case 'FindingAdopted': {
      const { diskId, projectId } = fact.data;
      return { ...resolved(record), diskId, projectId };
    }
    case 'FindingResolved':
    case 'FindingRepaired':
      return resolved(record);
    case 'FindingRemoved':
      return withRemoval(resolved(record), () => ({ status: 'done' }));
    case 'FindingRemovalRequested': {
      const { by, reason, expiresAt } = fact.data;
      const asked = { reason, requestedBy: { id: by }, requestedAt: at, expiresAt };
      return {
        ...record,
        removal: { status: 'requested', ...asked, approvals: [], rejectedBy: null, operationId: null },
      };
    }
    case 'FindingRemovalApproved': {
      const approval = { actor: { id: fact.data.by }, at };
      return withRemoval(record, ({ approvals }) => ({ approvals: [...approvals, approval] }));
    }
    case 'FindingRemovalBegan':
      return withRemoval(record, () => ({ status: 'approved', operationId: fact.data.operationId }));
    case 'FindingRemovalRejected':
      return withRemoval(record, () => ({ status: 'rejected', rejectedBy: { id: fact.data.by } }));
    case 'FindingRemovalExpired':
      return withRemoval(record, () => ({ status: 'expired' }));
    case 'FindingRemovalFailed':
      return withRemoval(record, () => ({ status: 'failed' }));
    default:
      return unreachable(fact);
  }
};

/** As it is now, from the stream of its subject; undefined when it is none of its findings. */
export const findingIn = (events: readonly RecordedEvent[], findingId: FindingId): FindingRecord | undefined =>
  events
    .filter((event) => factOf(event).data.findingId === findingId)
    .reduce<FindingRecord | undefined>(
      (record, event) => recordAfter(record, factOf(event), inMilliseconds(event.recordedAt)),
      undefined,
    );

const rowOf = (record: FindingRecord): FindingRow => {
  const { id, projectId, bindingId, resource, diskId, snapshotId, cloud, kind, status, firstSeenAt, lastSeenAt } =
    record;
  const shown = { bindingId, resource, diskId, snapshotId, cloudId: cloud.id, kind, status, firstSeenAt, lastSeenAt };
  return { key: id, projectId: projectId ?? nodeOf(bindingId), ...shown, doc: record };
};
