import {
  accept,
  refuse,
  type Decision,
  type DiskId,
  type FindingId,
  type OperationId,
  type ProjectId,
} from '@strata/kernel';
import { findingEvent, type FindingEvent, type FindingEventOf, type FindingKind } from './finding.events.js';
import { isBeingRemoved, removalUnderWay } from './finding.removal.js';
import type { FindingCommand, FindingRefusal, Findings, LiveFinding } from './finding.js';

/** Which disk of the log is to be the disk of the cloud, or is it: one at most at a time, whoever asks and however often. */
export type Claim =
  | {
      readonly is: 'adopting';
      readonly findingId: FindingId;
      readonly diskId: DiskId;
      readonly projectId: ProjectId;
      readonly operationId: OperationId;
      readonly shownAs: OperationId;
    }
  | { readonly is: 'adopted'; readonly diskId: DiskId };
type Adopting = Extract<Claim, { is: 'adopting' }>;

export type AdoptionCommand =
  | (Omit<Adopting, 'is'> & {
      readonly type: 'BeginAdoption';
      /** That of another Strata. */
      readonly replaceMarker: boolean;
    })
  | { readonly type: 'RecordAdopted'; readonly operationId: OperationId }
  | { readonly type: 'RecordAdoptionFailed'; readonly operationId: OperationId };
export type BeginAdoption = Extract<AdoptionCommand, { type: 'BeginAdoption' }>;

export type AdoptionRefusal =
  | {
      readonly type: 'finding-busy';
      readonly blockers: readonly { readonly kind: 'operation'; readonly id: OperationId; readonly reason: string }[];
    }
  | { readonly type: 'finding-not-adoptable'; readonly kind: FindingKind }
  | { readonly type: 'carries-foreign-marker'; readonly marker: string };

type Decided = Decision<FindingEvent, FindingRefusal>;

export const liveIn = ({ live }: Findings, findingId: FindingId): LiveFinding | undefined =>
  live.find((finding) => finding.findingId === findingId);

const busy = ({ shownAs: id }: Adopting): Decided =>
  refuse({ type: 'finding-busy', blockers: [{ kind: 'operation', id, reason: 'disk.adopt is under way' }] });

/** Wishes about what is being adopted have to wait; to reject a removal is always possible. */
export const isLeftToAdoption = ({ type }: FindingCommand, { claim }: Findings): Decided | undefined =>
  claim?.is === 'adopting' && waiting.has(type) ? busy(claim) : undefined;

const waiting = new Set<FindingCommand['type']>(['BeginAdoption', 'Ignore', 'RequestRemoval', 'ApproveRemoval']);

/** A name that quota can count by (`disks:<type>`). */
const countable = /^[A-Za-z0-9_.-]{1,64}$/;

/** A disk that is nobody's, as far as this log knows; and of a size and type that can be charged. */
export const isAdoptable = ({
  kind,
  removable,
  evidence: { cloud },
}: Pick<LiveFinding, 'kind' | 'removable' | 'evidence'>): boolean =>
  (kind === 'unknown' || kind === 'foreign-marker') &&
  removable &&
  cloud !== null &&
  cloud.sizeGiB > 0 &&
  cloud.type !== null &&
  countable.test(cloud.type);

const begin = ({ type: _type, replaceMarker, ...adoption }: BeginAdoption, state: Findings): Decided => {
  const found = liveIn(state, adoption.findingId);
  if (found === undefined || state.claim !== null) return refuse({ type: 'finding-resolved' });
  const { kind, evidence } = found;
  if (!isAdoptable(found)) return refuse({ type: 'finding-not-adoptable', kind });
  const operationId = state.live.find(isBeingRemoved)?.removal?.operationId;
  if (operationId) return removalUnderWay(operationId);
  if (kind === 'foreign-marker' && !replaceMarker)
    return refuse({ type: 'carries-foreign-marker', marker: evidence.cloud?.marker ?? '' });
  return accept<FindingEvent>(findingEvent('FindingAdoptionBegan', adoption));
};

/** Counts only of the operation that adopts; repeated, it is no news. What else was found of nobody's disk is over, too. */
const end = (
  { type, operationId }: Exclude<AdoptionCommand, BeginAdoption>,
  { claim, live }: Findings,
): readonly FindingEvent[] => {
  if (claim?.is !== 'adopting' || claim.operationId !== operationId) return [];
  const { findingId, diskId, projectId } = claim;
  if (type === 'RecordAdoptionFailed') return [findingEvent('FindingAdoptionFailed', { findingId, operationId })];
  const others = live.filter((each) => each.findingId !== findingId);
  return [
    ...others.map((each) => findingEvent('FindingResolved', { findingId: each.findingId })),
    findingEvent('FindingAdopted', { findingId, operationId, diskId, projectId }),
  ];
};

export const decideClaim = (command: AdoptionCommand, state: Findings): Decided =>
  command.type === 'BeginAdoption' ? begin(command, state) : accept(...end(command, state));

/** A sweep finds it as nobody's by the very disk that it was: that one is deleted, and another one may be made of it. */
export const isGivenUp = (claim: Claim | null, { kind, diskId }: FindingEventOf<'FindingOpened'>['data']): boolean =>
  claim?.is === 'adopted' && kind === 'unknown' && claim.diskId === diskId;

export const beginning = (event: FindingEventOf<'FindingAdoptionBegan'>['data']): Claim => {
  const { findingId, diskId, projectId, operationId, shownAs } = event;
  return { is: 'adopting', findingId, diskId, projectId, operationId, shownAs };
};
