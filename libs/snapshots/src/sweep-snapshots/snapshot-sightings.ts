import type { CloudSnapshot } from '@strata/cloud';
import type { RecordedEvent } from '@strata/event-store';
import {
  absenceOf,
  difference,
  guessOf,
  isBroken,
  labelDifferences,
  type Absence,
  type Difference,
  type Evidence,
  type FindingKind,
  type OwnerGuess,
  type Sighting,
} from '@strata/disks';
import type { CloudKnownSnapshot, KnownSnapshot, SnapshotEvent, SnapshotSighting } from '../snapshot/index.js';

/** What the cloud shows, as the log keeps it. */
export const snapshotSightingOf = (seen: CloudSnapshot): SnapshotSighting => {
  const { cloudId, status: condition, cloudStatus, name, description, metadata } = seen;
  return { cloudId, condition, cloudStatus, name, description, metadata: { ...metadata } };
};

/** What a look at the cloud says of a snapshot of ours, other than what the log says; nothing when it is in order. */
export const snapshotSightings = (snapshot: CloudKnownSnapshot, seen: CloudSnapshot): readonly Sighting[] => {
  const changes = changesOf(snapshot, seen);
  const { madeBy } = snapshot;
  const [operation] = seen.marker?.split('.') ?? [];
  return [
    ...(changes.length > 0 ? [found('changed', seen, changes)] : []),
    ...(operation === undefined ? [found('lost-marker', seen, difference('marker', madeBy ?? null, null))] : []),
    ...(operation !== undefined && madeBy !== undefined && operation !== madeBy
      ? [found('foreign-marker', seen, [{ member: 'marker', log: madeBy, cloud: seen.marker ?? '' }], ownerOf(seen))]
      : []),
  ];
};

/** What the cloud has shown, or said that it did to a snapshot that is there. */
const told: ReadonlySet<string> = new Set<SnapshotEvent['type']>([
  'SnapshotTaken',
  'SnapshotObserved',
  'SnapshotChanged',
]);

const missed: SnapshotEvent['type'] = 'SnapshotFoundMissing';

/** The cloud does not know it: what the log has of it. */
export const lostSnapshot = (
  { name, extent, life }: KnownSnapshot,
  events: readonly RecordedEvent[],
  look: Pick<Absence, 'now' | 'sweptAt'>,
): Sighting => {
  const absence = absenceOf(events, { ...look, told, missed, isMissed: life === 'requested' });
  const { sizeGiB, type } = extent;
  const what = { name, sizeGiB, type, availabilityZone: null, servers: [], recreatable: false };
  const evidence = { differences: [], cloud: null, lastKnown: { ...what, ...absence } };
  return { kind: 'missing', ownerGuess: null, evidence };
};

export const stuckSnapshot = (seen: CloudSnapshot, since: Difference): Sighting => found('stuck', seen, [since]);

/** What a snapshot is that no snapshot of the log is, by what it carries. */
export const strangeSnapshot = (seen: CloudSnapshot, kind: 'unknown' | 'orphan' | 'foreign-marker'): Sighting =>
  found(kind, seen, kind === 'orphan' ? difference('status', null, seen.status) : [], ownerOf(seen));

/** One that the log has as deleted. */
export const deletedSnapshot = (seen: CloudSnapshot): Sighting =>
  found('unknown', seen, difference('status', 'deleted', seen.cloudStatus), ownerOf({ ...seen, marker: null }));

/** The same for another project, to which the disk went: that it is there, as its disk is not deleted beside it, and no more. */
export const foreignDeletedSnapshot = (seen: CloudSnapshot): Sighting =>
  found('unknown', { ...seen, name: '', marker: null });

const ownerOf = ({ marker, metadata, name }: CloudSnapshot): OwnerGuess | null =>
  guessOf({ marker, tags: metadata, name });

const found = (
  kind: FindingKind,
  seen: CloudSnapshot,
  differences: readonly Difference[] = [],
  ownerGuess: OwnerGuess | null = null,
): Sighting => ({ kind, ownerGuess, evidence: { differences: [...differences], cloud: evidenceOf(seen) } });

const evidenceOf = ({
  name,
  sizeGiB,
  marker,
  createdAt,
  cloudDiskId,
}: CloudSnapshot): NonNullable<Evidence['cloud']> => ({
  ...{ name, sizeGiB, type: null, availabilityZone: null, marker, createdAt, diskId: cloudDiskId },
});

const changesOf = (snapshot: CloudKnownSnapshot, seen: CloudSnapshot): readonly Difference[] => [
  ...difference('name', snapshot.name, seen.name),
  ...difference('description', snapshot.description, seen.description),
  ...labelDifferences(snapshot.metadata, seen.metadata, 'metadata'),
  ...(isBroken(seen.status) && !isBroken(snapshot.condition)
    ? difference('status', snapshot.condition, seen.status)
    : []),
];
