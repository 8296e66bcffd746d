import {
  accept,
  refuse,
  unreachable,
  type BindingId,
  type Decider,
  type DiskId,
  type FindingId,
  type ProjectId,
  type SnapshotId,
} from '@strata/kernel';
import {
  beginning,
  decideClaim,
  isGivenUp,
  isLeftToAdoption,
  type AdoptionCommand,
  type AdoptionRefusal,
  type Claim,
} from './finding.adoption.js';
import { findingEvent, type Evidence, type FindingEvent, type FindingKind, type OwnerGuess } from './finding.events.js';
import { ignoring, isNoLongerIgnored, type Ignored } from './finding.ignoring.js';
import {
  decideRemoval,
  isBeingRemoved,
  lapses,
  type Removal,
  type RemovalCommand,
  type RemovalRefusal,
} from './finding.removal.js';

/** What a sweep says of one thing, of one kind. */
export interface Sighting {
  readonly kind: FindingKind;
  readonly evidence: Evidence;
  readonly ownerGuess: OwnerGuess | null;
}

/** One that is not resolved. */
export interface LiveFinding extends Sighting {
  readonly findingId: FindingId;
  /** Of the log, as it was opened. */
  readonly diskId: DiskId | null;
  readonly projectId: ProjectId | null;
  /** Null while it is open. */
  readonly ignored: Ignored | null;
  /** Strata did not make it: it may be removed if enough people approve. */
  readonly removable: boolean;
  readonly removal: Removal | null;
}

/** The disk or snapshot of a cloud that findings are about. */
export interface Subject {
  readonly bindingId: BindingId;
  readonly cloudId: string;
  readonly projectId: ProjectId | null;
  /** Of a snapshot: the disk of the log that it was taken of. */
  readonly diskId: DiskId | null;
  /** Absent: a disk. */
  readonly resource?: 'snapshot';
  /** Which snapshot of the log it is. */
  readonly snapshotId?: SnapshotId;
}

/** What is wrong with one thing of a cloud, of each kind at most once. */
export interface Findings {
  readonly live: readonly LiveFinding[];
  /** Null: it is nobody's, or was Strata's from the beginning; or it is nobody's again. */
  readonly claim: Claim | null;
}

export type FindingCommand =
  /** Everything that a sweep found of the thing, once each kind; nothing when it is in order. */
  | {
      readonly type: 'RecordSwept';
      readonly subject: Subject;
      readonly sightings: readonly (Sighting & { readonly findingId: FindingId })[];
      /** RFC 3339. */
      readonly at: string;
    }
  | { readonly type: 'Ignore'; readonly findingId: FindingId; readonly until: string }
  /** Strata's marker was written back. */
  | { readonly type: 'RecordRepaired' }
  /** What somebody else changed was written as it was before. `settled`: the members that this decided about; absent: all. */
  | { readonly type: 'RecordPutBack'; readonly findingId: FindingId; readonly settled?: readonly string[] }
  /** Somebody had the log take over what was `changed`, or a new one take the place of what was `missing`. */
  | { readonly type: 'RecordSettled'; readonly kind: 'changed' | 'missing' }
  /** Strata deleted the thing, and its absence was observed. */
  | { readonly type: 'RecordDeleted' }
  | AdoptionCommand
  | RemovalCommand;

export type FindingRefusal = { readonly type: 'not-found' } | RemovalRefusal | AdoptionRefusal;

/** Whether what was seen is other than what is known; the order of differences does not count. */
export const isSame = (known: Sighting, sighting: Sighting): boolean =>
  known.kind === sighting.kind && comparable(known) === comparable(sighting);

const comparable = ({ evidence: { differences, cloud, lastKnown }, ownerGuess }: Sighting): string =>
  JSON.stringify([
    differences.map(({ member, log, cloud: shown }) => JSON.stringify([member, log, shown])).sort(),
    cloud && [cloud.name, cloud.sizeGiB, cloud.type, cloud.availabilityZone, cloud.marker, cloud.createdAt],
    cloud?.tags && Object.entries(cloud.tags).sort(([a], [b]) => (a < b ? -1 : 1)),
    [...(cloud?.servers ?? [])].sort(),
    // Not when it was seen or missed: that it is still missing is no news.
    lastKnown && [lastKnown.name, lastKnown.sizeGiB, lastKnown.type, lastKnown.recreatable],
    ownerGuess && [ownerGuess.by, ownerGuess.value],
  ]);

const recordSwept = (
  { subject, sightings: all, at }: Extract<FindingCommand, { type: 'RecordSwept' }>,
  { live, claim }: Findings,
): readonly FindingEvent[] => {
  // What is being adopted is left to its operation: the next sweep looks.
  if (claim?.is === 'adopting') return [];
  // A list that was read before the adoption, or a view that lags, shows as nobody's what is ours by now.
  const sightings = claim === null || claim.diskId === subject.diskId ? all : [];
  const seen = sightings.flatMap((sighting): FindingEvent[] => {
    const known = live.find(({ kind }) => kind === sighting.kind);
    const opened = findingEvent('FindingOpened', { ...sighting, ...subject });
    if (known === undefined) return [opened];
    const { findingId } = known;
    // It is about another disk of the log than before, about one at last, or about one that went to another project: the
    // findings of that disk there have to show it.
    if ((known.diskId !== subject.diskId || known.projectId !== subject.projectId) && !isBeingRemoved(known))
      return [findingEvent('FindingResolved', { findingId }), opened];
    const { evidence, ownerGuess } = sighting;
    const isChanged = !isSame(known, sighting);
    return [
      ...(isChanged ? [findingEvent('FindingChanged', { findingId, evidence, ownerGuess })] : []),
      ...lapses(known, isChanged, at),
      ...(isNoLongerIgnored(known, evidence, at) ? [findingEvent('FindingReopened', { findingId })] : []),
    ];
  });
  const over = live.filter(
    (known) => !isBeingRemoved(known) && !sightings.some((sighting) => sighting.kind === known.kind),
  );
  return [...seen, ...over.map(({ findingId }) => findingEvent('FindingResolved', { findingId }))];
};

/** What nobody has decided about yet stays found. */
const putBack = ({ findingId, evidence, ownerGuess }: LiveFinding, settled?: readonly string[]): FindingEvent => {
  const differences = settled ? evidence.differences.filter(({ member }) => !settled.includes(member)) : [];
  return differences.length === 0
    ? findingEvent('FindingRepaired', { findingId })
    : findingEvent('FindingChanged', { findingId, evidence: { ...evidence, differences }, ownerGuess });
};

/** A stranger, as far as is known; one of ours may carry a foreign marker, too. */
export const isRemovable = ({ kind, resource, diskId, snapshotId }: What): boolean =>
  kind === 'unknown' ||
  kind === 'orphan' ||
  (kind === 'foreign-marker' && (resource === 'snapshot' ? (snapshotId ?? null) : diskId) === null);

interface What {
  readonly kind: FindingKind;
  readonly resource?: 'disk' | 'snapshot';
  readonly diskId: DiskId | null;
  readonly snapshotId?: SnapshotId | null;
}

const without = ({ live }: Findings, findingId: FindingId): readonly LiveFinding[] =>
  live.filter((finding) => finding.findingId !== findingId);

const changed = (state: Findings, findingId: FindingId, change: Partial<LiveFinding>): Findings => ({
  ...state,
  live: state.live.map((finding) => (finding.findingId === findingId ? { ...finding, ...change } : finding)),
});

const withRemoval = (
  state: Findings,
  findingId: FindingId,
  change: (removal: Removal) => Partial<Removal>,
): Findings => {
  const removal = state.live.find((finding) => finding.findingId === findingId)?.removal;
  return removal ? changed(state, findingId, { removal: { ...removal, ...change(removal) } }) : state;
};

export const findings: Decider<Findings, FindingCommand, FindingEvent, FindingRefusal> = {
  initial: { live: [], claim: null },
  decide: (command, state) => {
    const left = isLeftToAdoption(command, state);
    if (left !== undefined) return left;
    switch (command.type) {
      case 'RecordSwept':
        return accept(...recordSwept(command, state));
      case 'Ignore': {
        const { findingId, until } = command;
        const known = state.live.find((finding) => finding.findingId === findingId);
        if (known === undefined) return refuse({ type: 'finding-resolved' });
        return known.ignored?.until === until ? accept() : accept(findingEvent('FindingIgnored', { findingId, until }));
      }
      case 'RecordRepaired': {
        const lost = state.live.filter(({ kind }) => kind === 'lost-marker');
        return accept(...lost.map(({ findingId }) => findingEvent('FindingRepaired', { findingId })));
      }
      case 'RecordPutBack': {
        const found = state.live.filter(({ findingId }) => findingId === command.findingId);
        return accept(...found.map((known) => putBack(known, command.settled)));
      }
      case 'RecordSettled': {
        const settled = state.live.filter(({ kind }) => kind === command.kind);
        return accept(...settled.map(({ findingId }) => findingEvent('FindingResolved', { findingId })));
      }
      case 'RecordDeleted': {
        if (state.claim?.is === 'adopting') return accept();
        const over = state.live.filter((known) => !isBeingRemoved(known));
        return accept(...over.map(({ findingId }) => findingEvent('FindingResolved', { findingId })));
      }
      case 'BeginAdoption':
      case 'RecordAdopted':
      case 'RecordAdoptionFailed':
        return decideClaim(command, state);
      default:
        return decideRemoval(command, state.live);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'FindingOpened': {
        const { findingId, kind, evidence, ownerGuess, diskId, projectId } = event.data;
        const seen = { findingId, kind, evidence, ownerGuess, diskId, projectId };
        const opened = { ...seen, removable: isRemovable(event.data) };
        const claim = isGivenUp(state.claim, event.data) ? null : state.claim;
        return { live: [...state.live, { ...opened, ignored: null, removal: null }], claim };
      }
      case 'FindingChanged': {
        const { findingId, evidence, ownerGuess } = event.data;
        return changed(state, findingId, { evidence, ownerGuess });
      }
      case 'FindingIgnored':
        return { ...state, live: ignoring(state.live, event.data) };
      case 'FindingReopened':
        return changed(state, event.data.findingId, { ignored: null });
      case 'FindingResolved':
      case 'FindingRepaired':
      case 'FindingRemoved':
        return { ...state, live: without(state, event.data.findingId) };
      case 'FindingAdoptionBegan':
        return { ...state, claim: beginning(event.data) };
      case 'FindingAdoptionFailed':
        return { ...changed(state, event.data.findingId, { ignored: null }), claim: null };
      case 'FindingAdopted': {
        const { findingId, diskId } = event.data;
        return { live: without(state, findingId), claim: { is: 'adopted', diskId } };
      }
      case 'FindingRemovalRequested': {
        const { findingId, expiresAt } = event.data;
        return changed(state, findingId, { removal: { expiresAt, approvedBy: [], operationId: null } });
      }
      case 'FindingRemovalApproved': {
        const { findingId, by, issuers = [] } = event.data;
        return withRemoval(state, findingId, ({ approvedBy }) => ({ approvedBy: [...approvedBy, { by, issuers }] }));
      }
      case 'FindingRemovalBegan': {
        const { findingId, operationId } = event.data;
        return withRemoval(state, findingId, () => ({ operationId }));
      }
      case 'FindingRemovalRejected':
      case 'FindingRemovalExpired':
      case 'FindingRemovalFailed':
        return changed(state, event.data.findingId, { removal: null });
      default:
        return unreachable(event);
    }
  },
};
