import {
  accept,
  refuse,
  unreachable,
  type BindingId,
  type Decider,
  type DiskId,
  type FindingId,
  type ProjectId,
} from '@strata/kernel';
import { findingEvent, type Evidence, type FindingEvent, type FindingKind, type OwnerGuess } from './finding.events.js';

/** What a sweep says of one thing, of one kind. */
export interface Sighting {
  readonly kind: FindingKind;
  readonly evidence: Evidence;
  readonly ownerGuess: OwnerGuess | null;
}

/** One that is not resolved. */
export interface LiveFinding extends Sighting {
  readonly findingId: FindingId;
  /** RFC 3339; null while it is open. */
  readonly ignoredUntil: string | null;
}

/** The disk of a cloud that findings are about. */
export interface Subject {
  readonly bindingId: BindingId;
  readonly cloudId: string;
  readonly projectId: ProjectId | null;
  readonly diskId: DiskId | null;
}

/** What is wrong with one disk of a cloud, of each kind at most once. */
export interface Findings {
  readonly live: readonly LiveFinding[];
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
  | { readonly type: 'Ignore'; readonly findingId: FindingId; readonly until: string };

export type FindingRefusal = { readonly type: 'not-found' } | { readonly type: 'finding-resolved' };

/** Whether what was seen is other than what is known; the order of differences does not count. */
export const isSame = (known: Sighting, sighting: Sighting): boolean =>
  known.kind === sighting.kind && comparable(known) === comparable(sighting);

const comparable = ({ evidence: { differences, cloud }, ownerGuess }: Sighting): string =>
  JSON.stringify([
    differences.map(({ member, log, cloud: shown }) => [member, log, shown].join('\u0000')).sort(),
    cloud && [cloud.name, cloud.sizeGiB, cloud.type, cloud.availabilityZone, cloud.marker, cloud.createdAt],
    ownerGuess && [ownerGuess.by, ownerGuess.value],
  ]);

/** Whether the time for which it was ignored is over. */
export const isDue = ({ ignoredUntil }: Pick<LiveFinding, 'ignoredUntil'>, at: string): boolean =>
  ignoredUntil !== null && Date.parse(ignoredUntil) <= Date.parse(at);

const recordSwept = (
  { subject, sightings, at }: Extract<FindingCommand, { type: 'RecordSwept' }>,
  { live }: Findings,
): readonly FindingEvent[] => {
  const seen = sightings.flatMap((sighting): FindingEvent[] => {
    const known = live.find(({ kind }) => kind === sighting.kind);
    if (known === undefined) return [findingEvent('FindingOpened', { ...sighting, ...subject })];
    const { findingId } = known;
    const { evidence, ownerGuess } = sighting;
    return [
      ...(isSame(known, sighting) ? [] : [findingEvent('FindingChanged', { findingId, evidence, ownerGuess })]),
      ...(isDue(known, at) ? [findingEvent('FindingReopened', { findingId })] : []),
    ];
  });
  const over = live.filter(({ kind }) => !sightings.some((sighting) => sighting.kind === kind));
  return [...seen, ...over.map(({ findingId }) => findingEvent('FindingResolved', { findingId }))];
};

const without = ({ live }: Findings, findingId: FindingId): readonly LiveFinding[] =>
  live.filter((finding) => finding.findingId !== findingId);

const changed = ({ live }: Findings, findingId: FindingId, change: Partial<LiveFinding>): Findings => ({
  live: live.map((finding) => (finding.findingId === findingId ? { ...finding, ...change } : finding)),
});

export const findings: Decider<Findings, FindingCommand, FindingEvent, FindingRefusal> = {
  initial: { live: [] },
  decide: (command, state) => {
    switch (command.type) {
      case 'RecordSwept':
        return accept(...recordSwept(command, state));
      case 'Ignore': {
        const { findingId, until } = command;
        const known = state.live.find((finding) => finding.findingId === findingId);
        if (known === undefined) return refuse({ type: 'finding-resolved' });
        return known.ignoredUntil === until ? accept() : accept(findingEvent('FindingIgnored', { findingId, until }));
      }
      default:
        return unreachable(command);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'FindingOpened': {
        const { findingId, kind, evidence, ownerGuess } = event.data;
        return { live: [...state.live, { findingId, kind, evidence, ownerGuess, ignoredUntil: null }] };
      }
      case 'FindingChanged': {
        const { findingId, evidence, ownerGuess } = event.data;
        return changed(state, findingId, { evidence, ownerGuess });
      }
      case 'FindingIgnored':
        return changed(state, event.data.findingId, { ignoredUntil: event.data.until });
      case 'FindingReopened':
        return changed(state, event.data.findingId, { ignoredUntil: null });
      case 'FindingResolved':
        return { live: without(state, event.data.findingId) };
      default:
        return unreachable(event);
    }
  },
};
