import type { Sight } from '@strata/event-store';
import type { BindingId, PauseId } from '@strata/kernel';
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

/** How requests to the cloud of a binding flow: what workers share of it, and what its operations wait for. */
export abstract class FlowFigures {
  /** Of the endpoints, by their origins, what is asked with the credential of this reference. */
  abstract of(bindingId: BindingId, endpoints: readonly string[], credential: string): Promise<Flow>;
}

export interface Flow {
  readonly budgets: ReadonlyMap<string, BudgetFigures>;
  readonly circuits: ReadonlyMap<string, CircuitFigures>;
  readonly waiting: Readonly<Partial<Record<WaitingFor, number>>>;
  readonly underWay: number;
  readonly pauses: readonly {
    readonly id: string;
    readonly kind: string | null;
    readonly reason: string;
    readonly until: string;
    readonly held: number;
  }[];
}

/** In requests per second, but for `throttled`, which counts them. */
export interface BudgetFigures {
  readonly configuredPerSecond: number;
  readonly currentPerSecond: number;
  readonly usedPerSecond: number;
  readonly throttled: number;
}

/** Times: RFC 3339. */
export interface CircuitFigures {
  readonly state: 'closed' | 'half-open' | 'open';
  readonly since: string | null;
  readonly retryAt: string | null;
  readonly cause: string | null;
  readonly opened: number;
}
