import type { LoadedStream, StreamAppend } from '@strata/event-store';
import type { StreamId } from '@strata/kernel';
import type { DiskCommand } from './disk.commands.js';
import { decideDisk } from './disk.decide.js';
import type { DiskEvent } from './disk.events.js';
import { foldDisk } from './disk.evolve.js';
import type { Disk } from './disk.js';

export const diskStream = (diskId: string): StreamId => `disk-${diskId}`;

/** The category of the stream guarantees the union: only this feature writes disk streams. */
export const diskOf = ({ events }: LoadedStream): Disk => foldDisk(events as unknown as readonly DiskEvent[]);

/**
 * A fact about a disk as an append, in the project that it lies in now; none when it is no news. Facts are not refused.
 */
export const diskFact = (loaded: LoadedStream, command: DiskCommand): readonly StreamAppend[] => {
  const disk = diskOf(loaded);
  const decision = decideDisk(command, disk);
  if (disk.life === 'absent' || !decision.accepted || decision.events.length === 0) return [];
  const { stream, version: expectedVersion } = loaded;
  return [{ stream, projectId: disk.projectId, expectedVersion, events: decision.events }];
};
