import type { ProjectId, StreamId } from '@strata/kernel';
import type { RecordedEvent } from './append.js';
import type { Sight } from './event-store.js';

/** Which events a reader is told; what is given must hold together. */
export interface TailScope {
  readonly sight: Sight;
  readonly projectId?: ProjectId | undefined;
  /** Events of an operation and of its parts. */
  readonly operationId?: string | undefined;
  readonly stream?: StreamId | undefined;
}

export type Told =
  /**
   * Every event of the scope after this position will be told, unless this is said again. What lies before it the reader
   * finds in the log. Said first, when the reader was too slow for what is kept for it, and after a restore of the log.
   */
  | { readonly kind: 'from'; readonly position: number; readonly incarnation: string }
  /** In today's shape, in the order of the log. Some may lie before what the reader has read in the log itself. */
  | { readonly kind: 'events'; readonly events: readonly RecordedEvent[] }
  /** The time is over, or the wait was aborted. */
  | { readonly kind: 'nothing' }
  /** The store was closed: nothing more will be told. */
  | { readonly kind: 'closed' };

/** One reader's place at the tail of the log that all readers of a process share. */
export interface TailSeat {
  /** The next that there is to tell, within the time; one call at a time. An outage of the database is only a silence. */
  take(timeoutMs: number, signal?: AbortSignal): Promise<Told>;
  /** Must be called: the tail is read as long as anybody has a seat. */
  leave(): void;
}
