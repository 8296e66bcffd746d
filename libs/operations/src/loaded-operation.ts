import type { Loaded, LoadedStream, EventStore, Sight } from '@strata/event-store';
import type { StreamId } from '@strata/kernel';
import type { Plan } from '@strata/projects';
import type { KindRegistry } from './kind-registry.js';
import type { KnownOperation } from './kind.js';
import { historyOf } from './operation/index.js';
import { operationStream } from './request-operation/request-operation.js';

/** Where everything stands that a command about an operation may touch. What is named here never changes. */
export interface OperationAddress {
  readonly operation: KnownOperation;
  readonly parts: readonly KnownOperation[];
  /** Its own first, then its parts', then those of what they work on. */
  readonly streams: readonly StreamId[];
}

/** Undefined when there is none, or none that `sight` allows. */
export const addressOf = async (
  store: EventStore,
  kinds: KindRegistry,
  sight: Sight,
  operationId: string,
): Promise<OperationAddress | undefined> => {
  const [operation] = await knownOperations(store, sight, [operationId]);
  if (!operation) return undefined;
  const parts = await knownOperations(store, sight, operation.parts);
  const resources = [operation, ...parts].flatMap((each) => kinds.rulesOf(each.kind).streams(each));
  const own = [operation, ...parts].map((each) => operationStream(each.operationId));
  return { operation, parts, streams: [...own, ...new Set(resources)] };
};

/** What a command about it takes, and where. What is done to a binding is done in no project. */
export const rightOver = ({ target, projectId }: KnownOperation): Pick<Plan, 'role' | 'projectId'> =>
  target.type === 'binding' ? { role: 'platform-admin' } : { role: 'operator', projectId };

const knownOperations = async (
  store: EventStore,
  sight: Sight,
  operationIds: readonly string[],
): Promise<readonly KnownOperation[]> => {
  if (operationIds.length === 0) return [];
  const { streams } = await store.load({ sight, streams: operationIds.map(operationStream) });
  return streams.flatMap((stream) => knownIn(stream) ?? []);
};

const knownIn = (stream: LoadedStream): KnownOperation | undefined => {
  const { operation } = historyOf(stream);
  return operation.status === 'absent' ? undefined : operation;
};

/** An operation as it is now, with what it works on. */
export interface LoadedOperation {
  readonly known: KnownOperation;
  readonly stream: LoadedStream;
  readonly resources: readonly LoadedStream[];
}

/** The operation of an address and its parts among the streams that were loaded for it. */
export const loadedOperations = (
  kinds: KindRegistry,
  { streams }: Loaded,
  { operation, parts }: OperationAddress,
): { readonly own: LoadedOperation; readonly parts: readonly LoadedOperation[] } => {
  const byName = new Map(streams.map((stream) => [stream.stream, stream]));
  const pick = (name: StreamId): LoadedStream => byName.get(name) ?? { stream: name, version: 0, events: [] };
  const loadedOf = (each: KnownOperation): LoadedOperation => {
    const stream = pick(operationStream(each.operationId));
    const resources = kinds.rulesOf(each.kind).streams(each).map(pick);
    return { known: knownIn(stream) ?? each, stream, resources };
  };
  return { own: loadedOf(operation), parts: parts.map(loadedOf) };
};
