import { reservedKeys, stratasPrefix } from '@strata/cloud';
import type { DiskChange } from '../disk/disk.events.js';
import type { Difference } from '../finding/index.js';

type Labels = Readonly<Record<string, string>>;

/** The part of a disk that can be written as it was, wherever it was changed. */
export interface Writable {
  readonly name: string;
  readonly description: string;
  readonly tags: Labels;
  readonly metadata: Labels;
}

/** By the names that differences have: a label that is not there is not in it. */
export const textsOf = ({ name, description, tags, metadata }: Writable): ReadonlyMap<string, string> =>
  new Map([
    ['name', name],
    ['description', description],
    ...Object.entries(tags).map(([key, value]) => [`tags.${key}`, value] as const),
    ...Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value] as const),
  ]);

const labelsOf = ['tags', 'metadata'] as const;
type LabelsOf = (typeof labelsOf)[number];

const keyIn = (of: LabelsOf, member: string): string | undefined =>
  member.startsWith(`${of}.`) ? member.slice(of.length + 1) : undefined;

const labelIn = (of: LabelsOf, member: string): string | undefined => {
  const key = keyIn(of, member);
  return key === undefined || reservedKeys[of](key) ? undefined : key;
};

/** Whether a difference can be undone by writing what the log had. */
export const isWritable = (member: string): boolean =>
  member === 'name' ||
  member === 'description' ||
  labelIn('tags', member) !== undefined ||
  labelIn('metadata', member) !== undefined;

/**
 * Whether a difference stays found until somebody decides about it: what can be written back, and labels that were users' to set
 * before their keys were reserved in any spelling. Nobody may overlook what became of these; Strata's own are its own to mend.
 */
export const standsUntilDecided = (member: string): boolean =>
  isWritable(member) ||
  labelsOf.some((of) => {
    const key = keyIn(of, member);
    return key !== undefined && !key.startsWith(stratasPrefix);
  });

/** What of a finding is not written back, and why. */
export interface LeftAsItIs {
  readonly member: string;
  readonly reason: string;
}

const reasons: Readonly<Record<string, string>> = {
  sizeGiB: 'no cloud makes a disk smaller: what it has now is charged',
  type: 'a type is changed by a retype of its own, where the cloud allows that way back',
  status: 'no state is set by hand: only the cloud mends a disk that broke',
};

export const leftAsItIs = (differences: readonly Difference[]): readonly LeftAsItIs[] =>
  differences
    .filter(({ member }) => !isWritable(member))
    .map(({ member }) => ({ member, reason: reasons[member] ?? 'its keys are reserved' }));

/**
 * The change by which a disk is again as the log had it before somebody else changed it. What was changed through Strata since
 * is newer than the finding, and stays.
 */
export const putBack = (differences: readonly Difference[], disk: Writable): DiskChange => {
  const now = textsOf(disk);
  const theirs = differences.filter(({ member, cloud }) => isWritable(member) && (now.get(member) ?? null) === cloud);
  const text = (wanted: string) => theirs.find(({ member }) => member === wanted)?.log ?? undefined;
  const labels = (of: LabelsOf) => {
    const found = theirs.flatMap(({ member, log }) => {
      const key = labelIn(of, member);
      return key === undefined ? [] : [[key, log] as const];
    });
    return found.length === 0 ? undefined : Object.fromEntries(found);
  };
  const change = { name: text('name'), description: text('description') };
  const [tags, metadata] = [labels('tags'), labels('metadata')];
  return {
    ...(change.name !== undefined && { name: change.name }),
    ...(change.description !== undefined && { description: change.description }),
    ...(tags && { tags }),
    ...(metadata && { metadata }),
  };
};
