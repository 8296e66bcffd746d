import type { JournalEntry } from './changes.js';
import type { Slot } from './slot.js';
import type { Snapshot } from './snapshot.js';
import type { Volume } from './volume.js';

/** Disks and snapshots as they are, in the order in which they came into being. */
export function* birthsOf(disks: Iterable<Slot<Volume>>, snapshots: Iterable<Slot<Snapshot>>): Generator<JournalEntry> {
  const none = { kind: 'accepted', volumes: [], jobs: [] } as const;
  const born = [
    ...[...disks].flatMap(({ current }) => (current ? { born: current, change: { ...none, volumes: [current] } } : [])),
    ...[...snapshots].flatMap(({ current }) =>
      current ? { born: current, change: { ...none, snapshots: [current] } } : [],
    ),
  ];
  for (const { born: resource, change } of born.sort((a, b) => a.born.seq - b.born.seq))
    yield { atMs: Math.floor(resource.createdMicros / 1_000), change };
}
