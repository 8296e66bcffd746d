import type { RecordedEvent } from '@strata/event-store';
import { inMilliseconds } from '@strata/projects';
import {
  evolveSnapshot,
  initialSnapshot,
  isPresent,
  type KnownSnapshot,
  type SnapshotEvent,
} from './snapshot/index.js';

/** What is told of a snapshot, folded from its stream: all that the resource needs, in JSON, so that a view can keep it and fold on. */
export interface SnapshotRecord {
  readonly snapshot: KnownSnapshot;
  /** RFC 3339 with milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Of its stream. */
  readonly version: number;
}

/** Undefined before it is requested and after it is gone. Events arrive in today's shape, in the order of their stream. */
export const recordAfter = (
  record: SnapshotRecord | undefined,
  recorded: RecordedEvent,
): SnapshotRecord | undefined => {
  // Only this feature writes snapshot streams: their category guarantees the union.
  const event = recorded as unknown as SnapshotEvent;
  const snapshot = evolveSnapshot(record?.snapshot ?? initialSnapshot, event);
  if (!isPresent(snapshot)) return undefined;
  const at = inMilliseconds(recorded.recordedAt);
  return { snapshot, createdAt: record?.createdAt ?? at, updatedAt: at, version: recorded.version };
};

export const recordOf = (events: readonly RecordedEvent[]): SnapshotRecord | undefined =>
  events.reduce<SnapshotRecord | undefined>(recordAfter, undefined);
