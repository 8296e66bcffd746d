import { reservedKeys } from '@strata/cloud';
import type { DiskId, JsonObject, ProjectId } from '@strata/kernel';
import type { ExecutedOperation } from '@strata/operations';
import type { CommandPorts, WriteCall } from '@strata/projects';
import { z } from 'zod';
import type { Admission, NewDiskRefusal } from '../cloud-catalogue/admission-desk.js';
import { commandDisk } from '../command-disk.js';
import { DiskSpec, type DiskRefusal, type KnownDisk } from '../disk/index.js';

const { source: _none, ...shape } = DiskSpec.shape;
/** What a new one is asked for as. */
const Anew = z.object(shape);

/** What others wrote by keys that are reserved went with the disk: a cloud could take them for ours, or for its own, of the new one. */
const usersOwn = (of: 'tags' | 'metadata', { [of]: labels }: KnownDisk) =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !reservedKeys[of](key)));

/** One that was adopted or received is told by what the cloud showed of it. */
const anewAs = (known: KnownDisk) => ({
  ...Anew.parse(known),
  ...{ tags: usersOwn('tags', known), metadata: usersOwn('metadata', known) },
  ...(known.life === 'in-cloud' && known.traits.shareable && { shareable: true as const }),
});

export const recreateDisk = (
  ports: CommandPorts & { readonly admission: Admission },
  call: WriteCall,
  disk: { readonly projectId: ProjectId; readonly diskId: DiskId },
): Promise<ExecutedOperation<DiskRefusal | NewDiskRefusal>> =>
  commandDisk<NewDiskRefusal>(ports, call, {
    kind: 'disk.recreate',
    ...disk,
    command: (_disk, work) => ({ type: 'RequestRecreation', work }),
    input: (known: KnownDisk): JsonObject => anewAs(known),
    refusal: (known) => ports.admission.newDisk(disk.projectId, known.bindingId, anewAs(known)),
  });
