import type { CloudDisk } from '@strata/cloud';
import type { LoadedStream } from '@strata/event-store';
import { evolveDisk, initialDisk, type CloudKnownDisk, type Disk, type DiskEvent } from '../disk/index.js';
import { findingsIn, type Difference, type Sighting } from '../finding/index.js';
import { lastKnownOf } from './last-known.js';
import { missingSighting, sightingsOf, stuckSighting } from './sightings.js';
import { stuckSince, type Known } from './stuck.js';

/** When a disk was looked at, and what is known besides; RFC 3339. */
export interface Looked {
  readonly now: string;
  /** When the sweep of all disks of the binding before this one began. */
  readonly sweptAt: string | null;
  /** Changes that were found before and are not decided. */
  readonly before?: readonly Difference[];
}

/** What is wrong with a disk of ours that the cloud shows so, or (null) does not show. */
export const foundOf = (
  disk: CloudKnownDisk,
  { events }: LoadedStream,
  seen: CloudDisk | null,
  { now, sweptAt, before = [] }: Looked,
): readonly Sighting[] => {
  if (seen === null) return [missingSighting(lastKnownOf(disk, events, { now, sweptAt }))];
  const since = stuckSince(events, knownDisk, seen, now);
  return [...sightingsOf(disk, seen, before), ...(since ? [stuckSighting(seen, since)] : [])];
};

/** What was found to be changed of the disk while it was in the project where it is, and is not decided. */
export const changesFound = (thing: LoadedStream, { diskId, projectId }: CloudKnownDisk): readonly Difference[] =>
  findingsIn(thing).live.find(
    (each) => each.kind === 'changed' && each.diskId === diskId && each.projectId === projectId,
  )?.evidence.differences ?? [];

/** The category of the stream guarantees the union. */
const knownDisk: Known<Disk> = {
  initial: initialDisk,
  evolve: (disk, event) => evolveDisk(disk, event as unknown as DiskEvent),
  conditionOf: (disk) => (disk.life === 'in-cloud' ? disk.condition : null),
};
