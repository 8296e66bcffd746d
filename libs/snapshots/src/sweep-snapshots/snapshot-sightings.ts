import type { CloudSnapshot } from '@strata/cloud';
import {
  difference,
  guessOf,
  isBroken,
  labelDifferences,
  type Difference,
  type Evidence,
  type FindingKind,
  type OwnerGuess,
  type Sighting,
} from '@strata/disks';
import type { CloudKnownSnapshot, SnapshotSighting } from '../snapshot/index.js';

/** What the cloud shows, as the log keeps it. */
export const snapshotSightingOf = (seen: CloudSnapshot): SnapshotSighting => {
  const { cloudId, status: condition, name, description, metadata } = seen;
  return { cloudId, condition, name, description, metadata: { ...metadata } };
};

/** What a look at the cloud says of a snapshot of ours, other than what the log says; nothing when it is in order. */
export const snapshotSightings = (snapshot: CloudKnownSnapshot, seen: CloudSnapshot): readonly Sighting[] => {
  const changes = changesOf(snapshot, seen);
  const { madeBy } = snapshot;
  const [operation] = seen.marker?.split('.') ?? [];
  return [
    ...(changes.length > 0 ? [found('changed', seen, changes)] : []),
    ...(operation === undefined ? [found('lost-marker', seen)] : []),
    ...(operation !== undefined && madeBy !== undefined && operation !== madeBy
      ? [found('foreign-marker', seen, [{ member: 'marker', log: madeBy, cloud: seen.marker ?? '' }], ownerOf(seen))]
      : []),
  ];
};

/** The cloud does not know it. */
export const lostSnapshot: Sighting = {
  kind: 'missing',
  ownerGuess: null,
  evidence: { differences: [], cloud: null },
};

export const stuckSnapshot = (seen: CloudSnapshot, since: Difference): Sighting => found('stuck', seen, [since]);

/** What a snapshot is that no snapshot of the log is, by what it carries. */
export const strangeSnapshot = (seen: CloudSnapshot, kind: 'unknown' | 'orphan' | 'foreign-marker'): Sighting =>
  found(kind, seen, [], ownerOf(seen));

const ownerOf = ({ marker, metadata, name }: CloudSnapshot): OwnerGuess | null =>
  guessOf({ marker, tags: metadata, name });

const found = (
  kind: FindingKind,
  seen: CloudSnapshot,
  differences: readonly Difference[] = [],
  ownerGuess: OwnerGuess | null = null,
): Sighting => ({ kind, ownerGuess, evidence: { differences: [...differences], cloud: evidenceOf(seen) } });

const evidenceOf = ({ name, sizeGiB, marker, createdAt }: CloudSnapshot): NonNullable<Evidence['cloud']> => ({
  ...{ name, sizeGiB, type: null, availabilityZone: null, marker, createdAt },
});

const changesOf = (snapshot: CloudKnownSnapshot, seen: CloudSnapshot): readonly Difference[] => [
  ...difference('name', snapshot.name, seen.name),
  ...difference('description', snapshot.description, seen.description),
  ...labelDifferences(snapshot.metadata, seen.metadata, 'metadata'),
  ...(isBroken(seen.status) && !isBroken(snapshot.condition)
    ? difference('status', snapshot.condition, seen.status)
    : []),
];
