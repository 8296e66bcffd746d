import { ActorId, type DiskId, type ProjectId } from '@strata/kernel';
import { execute, planRefused, type CommandPorts, type Executed, type Planned, type WriteCall } from '@strata/projects';
import type { LoadedStream } from '@strata/event-store';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { decideDisk, isPresent, type Disk, type DiskCommand, type DiskRefusal } from '../disk/index.js';

interface Address {
  readonly projectId: ProjectId;
  readonly diskId: DiskId;
}

/** Puts a lock on a disk, or another reason on the lock that is there. */
export const lockDeletion = (
  ports: CommandPorts,
  call: WriteCall,
  disk: Address,
  reason: string | null,
): Promise<Executed<DiskRefusal>> =>
  execute<DiskRefusal>(ports, call, {
    role: 'operator',
    projectId: disk.projectId,
    streams: [diskStream(disk.diskId)],
    decide: ({ streams: [loaded] }) => {
      const lock = { reason, by: ActorId.parse(call.caller.actorId), since: new Date().toISOString() };
      return planOf(disk, { type: 'LockDeletion', lock }, loaded);
    },
  });

/** Who locks is not the one who lifts: that takes an admin. */
export const unlockDeletion = (ports: CommandPorts, call: WriteCall, disk: Address): Promise<Executed<DiskRefusal>> =>
  execute<DiskRefusal>(ports, call, {
    role: 'admin',
    projectId: disk.projectId,
    streams: [diskStream(disk.diskId)],
    decide: ({ streams: [loaded] }) => planOf(disk, { type: 'UnlockDeletion' }, loaded),
  });

const planOf = (
  { projectId, diskId }: Address,
  command: DiskCommand,
  loaded: LoadedStream | undefined,
): Planned<DiskRefusal> => {
  const disk: Disk = loaded ? diskOf(loaded) : { life: 'absent' };
  if (!loaded || !isPresent(disk) || disk.projectId !== projectId) return planRefused({ type: 'not-found' });
  const decision = decideDisk(command, disk);
  if (!decision.accepted) return decision;
  const { stream, version: expectedVersion } = loaded;
  const append = { stream, projectId, expectedVersion, events: decision.events };
  return { accepted: true, streams: [append], answer: { diskId } };
};
