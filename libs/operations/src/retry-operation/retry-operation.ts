import type { Loaded, StreamAppend } from '@strata/event-store';
import { OperationId, type Decision, type Refusal } from '@strata/kernel';
import { planRefused, type Planned, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { commandOperation, type OperationCommandPorts } from '../command-operation.js';
import type { KindRegistry } from '../kind-registry.js';
import { loadedOperations, type LoadedOperation, type OperationAddress } from '../loaded-operation.js';
import type { KnownOperation, WorkIds } from '../kind.js';
import { canBeRetried, decideWish, targetIds, type Target, type WishRefusal } from '../operation/index.js';
import type { ExecutedOperation } from '../request-operation/execute-operation.js';
import { planBatch, planOperation, type NewPart } from '../request-operation/request-operation.js';

/** Also what the rules of the kind refuse with: the resource is busy, say, or gone. */
export type RetryRefusal = WishRefusal | Refusal;

/** Made before the decision, which may be made several times. */
interface NewIds {
  readonly operationId: OperationId;
  readonly ofParts: readonly OperationId[];
}

/** The same again as a new operation; of a batch, what was cancelled or failed with what is retryable. */
export const retryOperation = (
  ports: OperationCommandPorts,
  call: WriteCall,
  failed: OperationId,
): Promise<ExecutedOperation<RetryRefusal>> =>
  commandOperation<RetryRefusal>(ports, call, failed, (address) => {
    const fresh = () => OperationId.parse(newId());
    const ids: NewIds = { operationId: fresh(), ofParts: address.parts.map(fresh) };
    return (loaded) => planOf(ports.kinds, address, ids, loaded);
  });

const planOf = async (
  kinds: KindRegistry,
  address: OperationAddress,
  ids: NewIds,
  loaded: Loaded,
): Promise<Planned<RetryRefusal>> => {
  const { own, parts } = loadedOperations(kinds, loaded, address);
  const marked = decideWish({ type: 'MarkRetried', retriedBy: ids.operationId }, own.known);
  if (!marked.accepted) return planRefused(marked.refusal);
  for (const { known } of parts.length > 0 ? parts.filter(triedAgain) : [own]) {
    const refusal = await kinds.admitAgain(known);
    if (refusal) return planRefused<RetryRefusal>(refusal);
  }
  const again = parts.length > 0 ? batchAgain(kinds, own, parts, ids) : oneAgain(kinds, own, ids.operationId);
  if (!again.accepted) return again;
  const { projectId } = own.known;
  const told = { stream: own.stream.stream, projectId, expectedVersion: own.stream.version, events: marked.events };
  return { ...again, streams: [...again.streams, told] };
};

type Again = Planned<RetryRefusal>;

/** Not `not-found`: the operation that the caller named is there. */
const goneSince: RetryRefusal = { type: 'not-retryable', reason: 'nothing of what failed is there any more' };

const triedAgain = ({ known }: LoadedOperation): boolean => canBeRetried(known);

const oneAgain = (kinds: KindRegistry, failed: LoadedOperation, operationId: OperationId): Again => {
  const { known } = failed;
  const notBefore = windowAgain(failed);
  const part = partAgain(kinds, failed, { operationId, shownAs: operationId }, notBefore);
  if (!part.accepted) return part.refusal.type === 'not-found' ? planRefused(goneSince) : part;
  const { kind, projectId, bindingId } = known;
  return planOperation({ ...part.again, kind, projectId, bindingId, notBefore });
};

const batchAgain = (
  kinds: KindRegistry,
  failed: LoadedOperation,
  parts: readonly LoadedOperation[],
  { operationId, ofParts }: NewIds,
): Again => {
  const { known } = failed;
  const notBefore = windowAgain(failed);
  const again: NewPart[] = [];
  for (const [index, part] of parts.entries()) {
    const partId = ofParts[index];
    if (!triedAgain(part) || partId === undefined) continue;
    const decided = partAgain(kinds, part, { operationId: partId, shownAs: operationId }, notBefore);
    if (decided.accepted) again.push({ ...decided.again, step: stepOf(known, part.known.operationId) });
    // Whatever was deleted since then is not wanted any more; everything else has to be settled first.
    else if (decided.refusal.type !== 'not-found') return decided;
  }
  if (again.length === 0) return planRefused(goneSince);
  const { kind, projectId, bindingId, input } = known;
  return planBatch({
    operationId,
    kind,
    projectId,
    bindingId,
    target: targetOf(known, again),
    input,
    retryOf: known.operationId,
    parts: again,
    notBefore,
    inOrder: parts.some((part) => part.known.after !== undefined),
  });
};

/** What the plan of a batch said of a part; undefined where it has none. */
const stepOf = ({ plan }: KnownOperation, partId: OperationId): NewPart['step'] => {
  const planned = plan?.find(({ operationId }) => operationId === partId);
  return planned && { name: planned.name, target: planned.target };
};

/** What was cancelled while it waited for its time waits as long again; what has begun once does not. */
const windowAgain = ({ known, stream: { events } }: LoadedOperation): string | undefined => {
  const [requested] = events;
  if (known.status !== 'cancelled' || known.notBefore === undefined || !requested) return undefined;
  const waitMs = Date.parse(known.notBefore) - Date.parse(requested.recordedAt);
  return new Date(Date.now() + waitMs).toISOString();
};

/** Of many things those that are tried again, of one thing that thing. */
const targetOf = ({ target }: KnownOperation, again: readonly NewPart[]): Target =>
  'ids' in target ? { ...target, ids: again.flatMap((part) => targetIds(part.target)) } : target;

type PartAgain = { readonly accepted: true; readonly again: NewPart } | { accepted: false; refusal: RetryRefusal };

const partAgain = (
  kinds: KindRegistry,
  { known, resources }: Pick<LoadedOperation, 'known' | 'resources'>,
  work: WorkIds,
  notBefore: string | undefined,
): PartAgain => {
  const { operationId } = work;
  const rules = kinds.rulesOf(known.kind);
  const decided = rules.retry(known, resources, work, notBefore);
  if (!('streams' in decided)) return refusalOf(decided);
  const streams: readonly StreamAppend[] = decided.streams.filter(({ events }) => events.length > 0);
  const { target, kind } = known;
  const again = { operationId, kind, target, input: decided.input, retryOf: known.operationId, resources: streams };
  // Nothing is left to be done to its resources: what was asked for has come true in another way.
  const isDone = decided.streams.length > 0 && streams.length === 0;
  const done = isDone && rules.conclude({ end: 'succeeded', outcome: {} }, known, resources).result;
  return { accepted: true, again: done ? { ...again, done } : again };
};

const refusalOf = (decision: Decision<never, Refusal>): { accepted: false; refusal: Refusal } => {
  if (decision.accepted) throw new Error('rules accepted a retry without saying what it means');
  return decision;
};
