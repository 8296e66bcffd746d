import type { Sight } from '@strata/event-store';
import type { PauseId } from '@strata/kernel';
import type { Hold, WaitingFor } from './operation.resource.js';

/** What scheduling knows of open operations. Narrow on purpose: whoever shows operations needs no queue. */
export abstract class OperationWaits {
  /** An operation that is not scheduled is missing from the answer. */
  abstract waiting(operationIds: readonly string[]): Promise<ReadonlyMap<string, OperationWait>>;
}

export interface OperationWait {
  readonly waitingFor: WaitingFor | null;
  /** The pause that it waits for, as those are told whose work it holds. */
  readonly hold?: Hold | undefined;
}

/** What scheduling knows of the operations that a pause holds. */
export abstract class HeldOperations {
  /** How many each of the pauses holds; one that holds none may be missing. */
  abstract count(pauseIds: readonly PauseId[]): Promise<ReadonlyMap<string, number>>;

  /** Their ids, which follow the order in which they were requested. */
  abstract of(pauseId: PauseId, page: HeldPage): Promise<readonly string[]>;
}

export interface HeldPage {
  readonly sight: Sight;
  readonly direction: 'ascending' | 'descending';
  /** The id that the page begins behind. */
  readonly after: string | undefined;
  readonly limit: number;
}
