import { reservedKeys } from '@strata/cloud';
import type { DiskId, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { CommandPorts, WriteCall } from '@strata/projects';
import { commandDisk } from '../command-disk.js';
import type { DiskChange, DiskRefusal, KnownDisk } from '../disk/index.js';

type LabelPatch = Readonly<Record<string, string | null>> | null;

/** A JSON merge patch (RFC 7396): null removes, an object merges by key. */
export interface DiskPatch {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly tags?: LabelPatch | undefined;
  readonly metadata?: LabelPatch | undefined;
  readonly bootable?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
}

export const changeDisk = (
  ports: CommandPorts,
  call: WriteCall,
  { projectId, diskId, patch }: { readonly projectId: ProjectId; readonly diskId: DiskId; readonly patch: DiskPatch },
): Promise<ExecutedOperation<DiskRefusal>> =>
  commandDisk(ports, call, {
    kind: 'disk.update',
    projectId,
    diskId,
    command: (disk, work) => ({ type: 'RequestChange', change: changeOf(disk, patch), work }),
    input: (disk) => ({ change: changeOf(disk, patch) }),
  });

const changeOf = (disk: KnownDisk, { name, description, tags, metadata, ...flags }: DiskPatch): DiskChange => ({
  ...flags,
  ...(name !== undefined && { name }),
  // A disk has always a description: none is the empty one.
  ...(description !== undefined && { description: description ?? '' }),
  ...(tags !== undefined && { tags: tags ?? cleared('tags', disk) }),
  ...(metadata !== undefined && { metadata: metadata ?? cleared('metadata', disk) }),
});

/** What is Strata's, of this one or another, or the cloud's, is not the user's to clear. */
const cleared = (of: 'tags' | 'metadata', { [of]: labels }: KnownDisk): Record<string, null> =>
  Object.fromEntries(
    Object.keys(labels)
      .filter((key) => !reservedKeys[of](key))
      .map((key) => [key, null]),
  );
