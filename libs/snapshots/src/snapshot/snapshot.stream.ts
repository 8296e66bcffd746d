import type { LoadedStream, StreamAppend } from '@strata/event-store';
import type { ProjectId, StreamId } from '@strata/kernel';
import type { SnapshotCommand } from './snapshot.commands.js';
import { decideSnapshot } from './snapshot.decide.js';
import type { SnapshotEvent } from './snapshot.events.js';
import { foldSnapshot, type Snapshot } from './snapshot.js';

export const snapshotStream = (snapshotId: string): StreamId => `snapshot-${snapshotId}`;

/** The category of the stream guarantees the union: only this feature writes snapshot streams. */
export const snapshotOf = ({ events }: LoadedStream): Snapshot =>
  foldSnapshot(events as unknown as readonly SnapshotEvent[]);

/** A fact about a snapshot as an append; none when it is no news. Facts are not refused. */
export const snapshotFact = (
  projectId: ProjectId,
  loaded: LoadedStream,
  command: SnapshotCommand,
): readonly StreamAppend[] => {
  const decision = decideSnapshot(command, snapshotOf(loaded));
  if (!decision.accepted || decision.events.length === 0) return [];
  const { stream, version: expectedVersion } = loaded;
  return [{ stream, projectId, expectedVersion, events: decision.events }];
};
