import type { LoadedStream, RecordedEvent } from '@strata/event-store';
import type { OperationEvent } from './operation.events.js';
import { operation, type Operation } from './operation.js';

/** An operation with the times that the log gives to its events. */
export interface OperationHistory {
  readonly operation: Operation;
  /** Of the stream; 0 when absent. */
  readonly version: number;
  readonly events: readonly RecordedOperationEvent[];
}

/** An event of the stream as recorded: the log has checked type and version when it was read. */
export type RecordedOperationEvent = Pick<RecordedEvent, 'position' | 'recordedAt' | 'meta' | 'version'> &
  OperationEvent;

export const historyOf = ({ events, version }: LoadedStream): OperationHistory => {
  // The category of the stream guarantees the union: only this feature writes operation streams.
  const own = events as unknown as readonly RecordedOperationEvent[];
  return { events: own, version, operation: own.reduce<Operation>(operation.evolve, operation.initial) };
};

/** When the newest event of a type was recorded, in ms since 1970; undefined when there is none. */
export const lastTimeOf = (history: OperationHistory, type: OperationEvent['type']): number | undefined => {
  const event = history.events.findLast((each) => each.type === type);
  return event === undefined ? undefined : Date.parse(event.recordedAt);
};
