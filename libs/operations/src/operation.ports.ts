import type { WaitingFor } from './operation.resource.js';

/** What scheduling knows of open operations. Narrow on purpose: whoever shows operations needs no queue. */
export abstract class OperationWaits {
  /** An operation that is not scheduled is missing from the answer. */
  abstract waiting(
    operationIds: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly waitingFor: WaitingFor | null }>>;
}
