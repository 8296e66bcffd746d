import type { CloudDisk } from '@strata/cloud';
import { ownMetadataOf, type CloudKnownDisk } from '../disk/index.js';
import type { Difference, Evidence, FindingKind, LastKnown, OwnerGuess, Sighting } from '../finding/index.js';
import { standsUntilDecided, textsOf, type Writable } from '../repair-finding/put-back.js';

type Labels = Readonly<Record<string, string>>;

/**
 * What a look at the cloud says of a disk of ours, other than what the log says; nothing when it is in order. `before`: what was
 * found to be changed, and nobody has decided about.
 */
export const sightingsOf = (
  disk: CloudKnownDisk,
  seen: CloudDisk,
  before: readonly Difference[] = [],
): readonly Sighting[] => {
  const [changes, moves] = [changesOf(disk, seen, before), movesOf(disk, seen)];
  return [
    ...(changes.length > 0 ? [found('changed', seen, changes)] : []),
    ...(moves.length > 0 ? [found('attachment-changed', seen, moves)] : []),
    ...markerSightings(disk, seen),
  ];
};

/** The cloud does not know it. */
export const missingSighting = (lastKnown: LastKnown): Sighting => {
  const { kind, ownerGuess, evidence } = found('missing', null);
  return { kind, ownerGuess, evidence: { ...evidence, lastKnown } };
};

/** In a state that should have passed. */
export const stuckSighting = (seen: CloudDisk, since: Difference): Sighting => found('stuck', seen, [since]);

/** A foreign one says more than that ours is not there; only where the log tells which operation made the disk. */
const markerSightings = ({ madeBy }: CloudKnownDisk, seen: CloudDisk): readonly Sighting[] => {
  if (madeBy !== undefined && isForeign(seen, madeBy))
    return [
      found('foreign-marker', seen, [{ member: 'marker', log: madeBy, cloud: seen.marker ?? '' }], guessOf(seen)),
    ];
  const shown = seen.marker === null ? null : `${seen.marker}, in one place only`;
  return isMarkerLost(seen) ? [found('lost-marker', seen, difference('marker', madeBy ?? null, shown))] : [];
};

/** It carries none, or not everywhere where it belongs. */
export const isMarkerLost = ({ marker, marks }: Pick<CloudDisk, 'marker' | 'marks'>): boolean =>
  marker === null || marks === 'partial';

/** It carries the marker of another operation, alone or beside ours. */
export const isForeign = ({ marker, marks }: Pick<CloudDisk, 'marker' | 'marks'>, madeBy: string): boolean =>
  marks === 'mixed' || (marker !== null && marker.split('.')[0] !== madeBy);

/** What a disk is that no disk of the log is, by what it carries. */
export const strangerSighting = (seen: CloudDisk, kind: 'unknown' | 'orphan' | 'foreign-marker'): Sighting =>
  found(
    kind,
    seen,
    // The state is why it could not be removed.
    kind === 'orphan' ? difference('status', null, seen.cloudStatus) : [],
    guessOf(kind === 'unknown' ? { ...seen, marker: null } : seen),
  );

/** One of ours that came here without the log: where it was is not told, as who adopts it may not see that. */
export const movedSighting = (seen: CloudDisk): Sighting =>
  found('unknown', seen, [{ member: 'binding', log: 'another one, in which it is gone', cloud: 'this one' }]);

/** One that the log has as deleted. Whoever brought it back, or has it still, may need it: people decide. */
export const deletedSighting = (seen: CloudDisk): Sighting =>
  found('unknown', seen, difference('status', 'deleted', seen.cloudStatus), guessOf({ ...seen, marker: null }));

const found = (
  kind: FindingKind,
  seen: CloudDisk | null,
  differences: readonly Difference[] = [],
  ownerGuess: OwnerGuess | null = null,
): Sighting => ({ kind, ownerGuess, evidence: { differences: [...differences], cloud: seen && evidenceOf(seen) } });

const evidenceOf = (seen: CloudDisk): NonNullable<Evidence['cloud']> => {
  const { name, sizeGiB, type, availabilityZone, marker, createdAt, tags } = seen;
  const servers = seen.attachments.map(({ serverId }) => serverId);
  return { name, sizeGiB, type, availabilityZone, marker, createdAt, tags: { ...tags }, servers };
};

const changesOf = (disk: CloudKnownDisk, seen: CloudDisk, before: readonly Difference[]): readonly Difference[] => [
  ...textChanges(disk, seen, before),
  // What an extension or a retype came to is open while it is undecided: whatever is seen is its end, nobody else's doing.
  ...(disk.undecidedGiB === 0 ? difference('sizeGiB', String(disk.sizeGiB), String(seen.sizeGiB)) : []),
  ...(disk.undecidedMove ? [] : difference('type', disk.type, seen.type)),
  ...(isBroken(seen.status) && !isBroken(disk.condition) ? difference('status', disk.condition, seen.status) : []),
];

/**
 * The log takes over what it sees, so that what others changed stands against what the log had before that: until it is so again,
 * or was changed through Strata. Metadata that was not set through Strata is nobody's change: clouds write there themselves.
 */
const textChanges = (disk: CloudKnownDisk, seen: Writable, before: readonly Difference[]): readonly Difference[] => {
  const [log, cloud] = [textsOf(disk), textsOf(seen)];
  const standing = new Map(
    before.filter(({ member }) => standsUntilDecided(member)).map((each) => [each.member, each]),
  );
  const own = new Set(ownMetadataOf(disk).map((key) => `metadata.${key}`));
  const told = [...new Set([...log.keys(), ...cloud.keys(), ...standing.keys()])];
  const compared = told.filter((member) => own.has(member) || !member.startsWith('metadata.'));
  return compared.flatMap((member) => {
    const [known, was] = [log.get(member) ?? null, standing.get(member)];
    return difference(member, was?.cloud === known ? was.log : known, cloud.get(member) ?? null);
  });
};

const movesOf = ({ traits }: CloudKnownDisk, seen: CloudDisk): readonly Difference[] =>
  difference('attachments', serversOf(traits), serversOf(seen));

const serversOf = ({ attachments }: Pick<CloudDisk, 'attachments'>): string =>
  attachments
    .map(({ serverId }) => serverId)
    .sort()
    .join(', ');

export const difference = (member: string, log: string | null, cloud: string | null): readonly Difference[] =>
  log === cloud ? [] : [{ member, log, cloud }];

export const labelDifferences = (log: Labels, cloud: Labels, of: string): readonly Difference[] =>
  [...new Set([...Object.keys(log), ...Object.keys(cloud)])]
    .filter((key) => log[key] !== cloud[key])
    .map((key) => ({ member: `${of}.${key}`, log: log[key] ?? null, cloud: cloud[key] ?? null }));

export const isBroken = (status: string): boolean => status === 'error' || status.startsWith('error-');

/** Tags by which teams say whose a thing is, in the order of their weight. */
const ownerTags = ['owner', 'team', 'project', 'contact'];

/** A marker says most; then what somebody wrote on it; then the beginning of its name, up to the first separator. */
export const guessOf = ({ marker, tags, name }: Pick<CloudDisk, 'marker' | 'tags' | 'name'>): OwnerGuess | null => {
  if (marker !== null) return { by: 'marker', value: marker };
  const tag = ownerTags.flatMap((wanted) => valuesOf(tags, wanted))[0];
  if (tag !== undefined) return { by: 'tag', value: tag };
  const begin = /^[^-_./\s]+(?=[-_./\s])/.exec(name)?.[0];
  return begin === undefined ? null : { by: 'name', value: begin };
};

const valuesOf = (tags: Labels, wanted: string): readonly string[] =>
  Object.entries(tags).flatMap(([key, value]) => (key.toLowerCase() === wanted && value !== '' ? [value] : []));
