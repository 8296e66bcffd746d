import type { Loaded, StreamAppend } from '@strata/event-store';
import { fold, refuse, type Decision, type JsonObject, type OperationId } from '@strata/kernel';
import { planRefused, type Planned, type WriteCall } from '@strata/projects';
import { commandOperation, type OperationCommandPorts } from '../command-operation.js';
import type { KindRegistry } from '../kind-registry.js';
import { loadedOperations, type LoadedOperation, type OperationAddress } from '../loaded-operation.js';
import { decideWish, isOpen, operation, type OperationEvent, type WishRefusal } from '../operation/index.js';
import type { ExecutedOperation } from '../request-operation/execute-operation.js';
import { oncePerStream } from '../request-operation/request-operation.js';

/**
 * Asks for the end of an operation. What was not begun ends in this very append; what is under way ends at its next safe point;
 * of a batch every part that can still be cancelled is.
 */
export const cancelOperation = (
  ports: OperationCommandPorts,
  call: WriteCall,
  operationId: OperationId,
): Promise<ExecutedOperation<WishRefusal>> =>
  commandOperation<WishRefusal>(
    ports,
    call,
    operationId,
    (address) => (loaded) => planCancel(ports.kinds, address, loaded),
  );

/** What asking for its end means, for a command that loaded at least what the address names. */
export const planCancel = (kinds: KindRegistry, address: OperationAddress, loaded: Loaded): Planned<WishRefusal> => {
  const { own, parts } = loadedOperations(kinds, loaded, address);
  const decision = parts.length > 0 ? cancelBatch(kinds, own, parts) : cancelled(kinds, own);
  if (!decision.accepted) return planRefused(decision.refusal);
  const { operationId, partOf } = address.operation;
  return {
    accepted: true,
    streams: decision.events,
    answer: { status: 202, location: `/v1/operations/${operationId}`, operationId },
    meta: { operationId, correlationId: partOf ?? operationId },
  };
};

type Cancelled = Decision<StreamAppend, WishRefusal>;

/** One operation: its own events, and what its end means for what it works on. The terminal event comes last. */
const cancelled = (kinds: KindRegistry, { known, stream, resources }: LoadedOperation): Cancelled => {
  const decision = decideWish({ type: 'Cancel' }, known);
  if (!decision.accepted) return decision;
  const ended = decision.events.some(({ type }) => type === 'OperationCancelled');
  const left = ended ? cancelledConclusion(kinds, { known, resources }).streams : [];
  return { accepted: true, events: [...left, ownAppend({ known, stream }, decision.events)] };
};

/** What its end means for what it works on. */
const cancelledConclusion = (kinds: KindRegistry, { known, resources }: Pick<LoadedOperation, 'known' | 'resources'>) =>
  kinds.rulesOf(known.kind).conclude({ end: 'cancelled' }, known, resources);

const ownAppend = (
  { known, stream }: Pick<LoadedOperation, 'known' | 'stream'>,
  events: readonly OperationEvent[],
): StreamAppend => {
  const { projectId } = known;
  return { stream: stream.stream, projectId, expectedVersion: stream.version, events };
};

const cancelBatch = (kinds: KindRegistry, batch: LoadedOperation, parts: readonly LoadedOperation[]): Cancelled => {
  const wish = decideWish({ type: 'Cancel' }, batch.known);
  if (!wish.accepted) return wish;
  const decisions = parts.filter(({ known }) => isOpen(known)).map((part) => cancelled(kinds, part));
  const streams = decisions.flatMap((decision) => (decision.accepted ? decision.events : []));
  if (!decisions.some(({ accepted }) => accepted)) {
    return refuse({ type: 'not-cancellable', reason: 'the cloud has taken the work of every part' });
  }
  const left = cancelledConclusion(kinds, batch);
  const end = endOf(batch, parts, streams, wish.events, left.result);
  const meaning = end.length > 0 ? left.streams : [];
  const all = [...streams, ...meaning, ownAppend(batch, [...wish.events, ...end])];
  return { accepted: true, events: oncePerStream(all) };
};

/** A batch whose every part is cancelled with this append is cancelled itself. */
const endOf = (
  { known }: LoadedOperation,
  parts: readonly LoadedOperation[],
  streams: readonly StreamAppend[],
  wish: readonly OperationEvent[],
  result: JsonObject,
): readonly OperationEvent[] => {
  const ended = new Set(
    streams
      .filter(({ events }) => events.some(({ type }) => type === 'OperationCancelled'))
      .map(({ stream }) => stream),
  );
  const all = parts.every((part) => part.known.status === 'cancelled' || ended.has(part.stream.stream));
  if (!all) return [];
  const wished = fold({ ...operation, initial: known }, wish);
  const conclusion = operation.decide({ type: 'ConcludeCancelled', result }, wished);
  return conclusion.accepted ? conclusion.events : [];
};
