import { accept, refuse, type ActorId, type Decision, type FindingId, type OperationId } from '@strata/kernel';
import { findingEvent, type FindingEvent, type RemovalFault } from './finding.events.js';
import { isOver } from './finding.times.js';
import type { LiveFinding } from './finding.js';

/** So many people have to approve before anything is removed that Strata did not make. A request alone approves nothing. */
export const APPROVALS_NEEDED = 2;

/** Who has approved, and whose token let that one in: the issuers of the token, nearest first. */
export interface Approver {
  readonly by: ActorId;
  readonly issuers: readonly ActorId[];
}

/**
 * Whether two approvals may be one person's: one's token comes from the other's, or both come from a third. But for the first token
 * of an installation, which is the last of the issuers: where nobody else has let people in, any two of them would come from it.
 */
const isOneHand = (one: Approver, other: Approver): boolean =>
  one.issuers.includes(other.by) ||
  other.issuers.includes(one.by) ||
  one.issuers.slice(0, -1).some((issuer) => other.issuers.includes(issuer));

/** Wished for what a finding is about; one at a time. */
export interface Removal {
  /** RFC 3339. */
  readonly expiresAt: string;
  readonly approvedBy: readonly Approver[];
  /** Null until enough have approved. */
  readonly operationId: OperationId | null;
}

export type RemovalCommand =
  | {
      readonly type: 'RequestRemoval';
      readonly findingId: FindingId;
      readonly by: ActorId;
      readonly reason: string;
      /** RFC 3339, as `expiresAt`. */
      readonly at: string;
      readonly expiresAt: string;
    }
  | {
      readonly type: 'ApproveRemoval';
      readonly findingId: FindingId;
      readonly by: ActorId;
      readonly issuers: readonly ActorId[];
      readonly at: string;
      /** Which removes it, should this be the last approval that was needed. */
      readonly operationId: OperationId;
    }
  | { readonly type: 'RejectRemoval'; readonly findingId: FindingId; readonly by: ActorId }
  /** `fault`: null when its absence was observed. */
  | {
      readonly type: 'RecordRemovalEnded';
      readonly operationId: OperationId;
      readonly fault: RemovalFault | null;
    };

/** What people ask. */
export type RemovalWish = Exclude<RemovalCommand, { type: 'RecordRemovalEnded' }>;

export type RemovalRefusal =
  | { readonly type: 'finding-resolved' }
  /** What Strata made is deleted as what it is. */
  | { readonly type: 'not-removable' }
  | { readonly type: 'removal-pending' }
  | { readonly type: 'removal-not-requested' }
  | { readonly type: 'removal-expired'; readonly expiresAt: string }
  | {
      readonly type: 'removal-under-way';
      readonly operationId: OperationId;
      readonly blockers: readonly { readonly kind: 'operation'; readonly id: OperationId; readonly reason: string }[];
    }
  | { readonly type: 'approved-before' }
  | { readonly type: 'approver-not-independent'; readonly approvedBy: ActorId };

type Decided = Decision<FindingEvent, RemovalRefusal>;
type On<Type extends RemovalCommand['type']> = Extract<RemovalCommand, { type: Type }>;

/** Asked for and not yet under way, and its time is over. */
export const isLapsed = (removal: Removal | null, at: string): boolean =>
  removal !== null && removal.operationId === null && isOver(removal.expiresAt, at);

/** What is being removed is left to its operation. */
export const isBeingRemoved = ({ removal }: Pick<LiveFinding, 'removal'>): boolean =>
  removal !== null && removal.operationId !== null;

export const removalUnderWay = (operationId: OperationId): Decision<never, RemovalRefusal> =>
  refuse({
    type: 'removal-under-way',
    operationId,
    blockers: [{ kind: 'operation', id: operationId, reason: 'finding.remove is under way' }],
  });

const requestRemoval = (
  { findingId, by, reason, at, expiresAt }: On<'RequestRemoval'>,
  known: LiveFinding,
): Decided => {
  if (!known.removable) return refuse({ type: 'not-removable' });
  const { removal } = known;
  const lapsed = isLapsed(removal, at);
  if (removal !== null && !lapsed)
    return removal.operationId === null ? refuse({ type: 'removal-pending' }) : removalUnderWay(removal.operationId);
  return accept<FindingEvent>(
    ...(lapsed ? [findingEvent('FindingRemovalExpired', { findingId, why: 'time' })] : []),
    findingEvent('FindingRemovalRequested', { findingId, by, reason, expiresAt }),
  );
};

/** The removal that waits for approvals. */
const pendingOf = ({ removal }: LiveFinding): Removal | Decision<never, RemovalRefusal> => {
  if (removal === null) return refuse({ type: 'removal-not-requested' });
  if (removal.operationId !== null) return removalUnderWay(removal.operationId);
  return removal;
};

const approveRemoval = (
  { findingId, by, issuers, at, operationId }: On<'ApproveRemoval'>,
  known: LiveFinding,
): Decided => {
  const pending = pendingOf(known);
  if ('accepted' in pending) return pending;
  const { expiresAt, approvedBy } = pending;
  if (isLapsed(pending, at)) return refuse({ type: 'removal-expired', expiresAt });
  if (approvedBy.some((each) => each.by === by)) return refuse({ type: 'approved-before' });
  const tied = approvedBy.find((each) => isOneHand(each, { by, issuers }));
  if (tied) return refuse({ type: 'approver-not-independent', approvedBy: tied.by });
  const isEnough = approvedBy.length + 1 >= APPROVALS_NEEDED;
  return accept<FindingEvent>(
    findingEvent('FindingRemovalApproved', { findingId, by, issuers: [...issuers] }),
    ...(isEnough ? [findingEvent('FindingRemovalBegan', { findingId, operationId })] : []),
  );
};

const rejectRemoval = ({ findingId, by }: On<'RejectRemoval'>, known: LiveFinding): Decided => {
  const pending = pendingOf(known);
  return 'accepted' in pending
    ? pending
    : accept<FindingEvent>(findingEvent('FindingRemovalRejected', { findingId, by }));
};

const recordRemovalEnded = (
  { operationId, fault }: On<'RecordRemovalEnded'>,
  live: readonly LiveFinding[],
): readonly FindingEvent[] => {
  const known = live.find(({ removal }) => removal?.operationId === operationId);
  if (known === undefined) return [];
  const ended = { findingId: known.findingId, operationId };
  return fault === null
    ? [findingEvent('FindingRemoved', ended)]
    : [findingEvent('FindingRemovalFailed', { ...ended, fault })];
};

export const decideRemoval = (command: RemovalCommand, live: readonly LiveFinding[]): Decided => {
  if (command.type === 'RecordRemovalEnded') return accept(...recordRemovalEnded(command, live));
  const known = live.find(({ findingId }) => findingId === command.findingId);
  if (known === undefined) return refuse({ type: 'finding-resolved' });
  switch (command.type) {
    case 'RequestRemoval':
      return requestRemoval(command, known);
    case 'ApproveRemoval':
      return approveRemoval(command, known);
    case 'RejectRemoval':
      return rejectRemoval(command, known);
  }
};

/** What becomes of a wished removal when a sweep saw the thing again: it was approved as it was, and for a time. */
export const lapses = (
  { findingId, removal }: LiveFinding,
  isChanged: boolean,
  at: string,
): readonly FindingEvent[] => {
  if (removal === null || removal.operationId !== null) return [];
  if (isChanged) return [findingEvent('FindingRemovalExpired', { findingId, why: 'changed' })];
  return isLapsed(removal, at) ? [findingEvent('FindingRemovalExpired', { findingId, why: 'time' })] : [];
};
