import type { Loaded } from '@strata/event-store';
import { problem } from '@strata/http';
import type { OperationId, Refusal } from '@strata/kernel';
import { sightOf, type CommandPorts, type Planned, type WriteCall } from '@strata/projects';
import type { KindRegistry } from './kind-registry.js';
import { addressOf, rightOver, type OperationAddress } from './loaded-operation.js';
import { executeOperation, type ExecutedOperation } from './request-operation/execute-operation.js';

export type OperationCommandPorts = CommandPorts & { readonly kinds: KindRegistry };

/** What is decided from all that the address names; it may be asked several times, with what stands there then. */
export type DecideLoaded<R extends Refusal> = (loaded: Loaded) => Planned<R> | Promise<Planned<R>>;

/**
 * Asks something of an operation that exists, in one append with what that means for its parts and for what they work on.
 * `wish` is called once. @throws Refused `not-found` when the caller may not view it.
 */
export const commandOperation = async <R extends Refusal>(
  ports: OperationCommandPorts,
  call: WriteCall,
  operationId: OperationId,
  wish: (address: OperationAddress) => DecideLoaded<R>,
): Promise<ExecutedOperation<R>> => {
  const address = await addressOf(ports.store, ports.kinds, sightOf(call.caller), operationId);
  if (!address) throw problem('not-found');
  const { operation, streams } = address;
  return executeOperation<R>(ports, call, { ...rightOver(operation), streams, decide: wish(address) });
};
