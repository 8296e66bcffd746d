import { reservedKeys } from '@strata/cloud';
import type { ProjectId, SnapshotId } from '@strata/kernel';
import type { CommandPorts, WriteCall } from '@strata/projects';
import { commandSnapshot } from '../command-snapshot.js';
import type { KnownSnapshot, SnapshotChange } from '../snapshot/index.js';

/** A JSON merge patch (RFC 7396): null removes, an object merges by key. */
export interface SnapshotPatch {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string | null>> | null | undefined;
}

export const changeSnapshot = (
  ports: CommandPorts,
  call: WriteCall,
  {
    patch,
    ...snapshot
  }: { readonly projectId: ProjectId; readonly snapshotId: SnapshotId; readonly patch: SnapshotPatch },
) =>
  commandSnapshot(ports, call, {
    kind: 'snapshot.update',
    ...snapshot,
    command: (known, work) => ({ type: 'RequestChange', change: changeOf(known, patch), work }),
    input: (known) => ({ change: changeOf(known, patch) }),
  });

const changeOf = (snapshot: KnownSnapshot, { name, description, metadata }: SnapshotPatch): SnapshotChange => ({
  ...(name !== undefined && { name }),
  // A snapshot has always a description: none is the empty one.
  ...(description !== undefined && { description: description ?? '' }),
  ...(metadata !== undefined && { metadata: metadata ?? cleared(snapshot.metadata) }),
});

/** What is Strata's, of this one or another, or the cloud's, is not the user's to clear. */
const cleared = (metadata: Readonly<Record<string, string>>): Record<string, null> =>
  Object.fromEntries(
    Object.keys(metadata)
      .filter((key) => !reservedKeys.metadata(key))
      .map((key) => [key, null]),
  );
