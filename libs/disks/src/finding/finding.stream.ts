import type { LoadedStream, StreamAppend } from '@strata/event-store';
import { fold, type BindingId, type ProjectId, type StreamId } from '@strata/kernel';
import type { FindingEvent } from './finding.events.js';
import { findings, type FindingCommand, type Findings } from './finding.js';

/**
 * One stream for each disk or snapshot of a cloud, whatever was found of it and however often. A stream for each finding would leave it
 * to a view, which lags, whether one is open already, and two sweeps could open the same one twice; a stream for each
 * binding would be read in full, and fought over, for every finding. Here the version of the stream decides.
 */
export const findingStream = (bindingId: BindingId, cloudId: string): StreamId => `finding-${bindingId}-${cloudId}`;

/** The category of the stream guarantees the union: only this feature writes findings. */
export const findingsIn = (stream: LoadedStream | undefined): Findings =>
  fold(findings, (stream?.events ?? []) as unknown as readonly FindingEvent[]);

export type FindingFact = Extract<FindingCommand, { type: `Record${string}` }>;

/** What was found, or became of it, as an append; none when it is no news. Facts are not refused. */
export const findingFact = (
  projectId: ProjectId,
  loaded: LoadedStream,
  command: FindingFact,
): readonly StreamAppend[] => {
  const decision = findings.decide(command, findingsIn(loaded));
  if (!decision.accepted || decision.events.length === 0) return [];
  const { stream, version: expectedVersion } = loaded;
  return [{ stream, projectId, expectedVersion, events: decision.events }];
};
