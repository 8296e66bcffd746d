import type { RecordedEvent } from '@strata/event-store';
import { inMilliseconds } from '@strata/projects';
import { evolveDisk, initialDisk, isPresent, type DiskEvent, type KnownDisk } from './disk/index.js';

/** What is told of a disk, folded from its stream: all that the resource needs, in JSON, so that a view can keep it and fold on. */
export interface DiskRecord {
  readonly disk: KnownDisk;
  /** RFC 3339 with milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Of its stream. */
  readonly version: number;
}

/** Undefined before it is requested and after it is gone. Events arrive in today's shape, in the order of their stream. */
export const recordAfter = (record: DiskRecord | undefined, recorded: RecordedEvent): DiskRecord | undefined => {
  // Only this feature writes disk streams: their category guarantees the union.
  const event = recorded as unknown as DiskEvent;
  const disk = evolveDisk(record?.disk ?? initialDisk, event);
  if (!isPresent(disk)) return undefined;
  const at = inMilliseconds(recorded.recordedAt);
  // Whoever received it cannot read when it was made.
  const createdAt = event.type === 'DiskReceived' ? event.data.madeAt : (record?.createdAt ?? at);
  return { disk, createdAt, updatedAt: at, version: recorded.version };
};

export const recordOf = (events: readonly RecordedEvent[]): DiskRecord | undefined =>
  events.reduce<DiskRecord | undefined>(recordAfter, undefined);
