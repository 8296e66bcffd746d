import type { StreamAppend } from '@strata/event-store';
import type { BindingId, Charge, JsonObject, OperationId, ProjectId, StreamId } from '@strata/kernel';
import type { Planned } from '@strata/projects';
import { operationEvent, type OperationEvent, type PlannedStep, type Target } from '../operation/index.js';

/** What is asked for, decided so far that only the operation is missing. */
export interface NewOperation {
  readonly operationId: OperationId;
  readonly kind: string;
  readonly projectId: ProjectId;
  readonly bindingId: BindingId | null;
  readonly target: Target;
  readonly input: JsonObject;
  readonly retryOf?: OperationId | undefined;
  /** Of an operation between projects: those that its readers may know. */
  readonly participants?: readonly ProjectId[] | undefined;
  /** Of the project that asks, where none of the resources is its own that could bear them. */
  readonly charges?: readonly Charge[] | undefined;
  /** What its acceptance means for the resources. */
  readonly resources: readonly StreamAppend[];
  /** Nothing has to be asked of the cloud: it has succeeded already, with this result. */
  readonly done?: JsonObject | undefined;
  /** RFC 3339: nothing is asked of the cloud before. Of a batch: by none of its parts. */
  readonly notBefore?: string | undefined;
}

/** One of the operations that a batch consists of; each sends for itself. Of the batch's kind and project unless it says so. */
export type NewPart = Omit<NewOperation, 'kind' | 'projectId' | 'bindingId' | 'notBefore'> &
  Partial<Pick<NewOperation, 'kind' | 'projectId'>> & {
    /** What users are told of it beforehand, in a batch that goes in order. */
    readonly step?: Omit<PlannedStep, 'operationId'> | undefined;
  };

export interface NewBatch extends Omit<NewOperation, 'resources' | 'done'> {
  readonly parts: readonly NewPart[];
  /** Each part begins when the one before it has succeeded, and fails unsent when that did not. Else all at once. */
  readonly inOrder?: boolean;
}

export type AcceptedPlan = Extract<Planned, { accepted: true }>;

export const operationStream = (operationId: string): StreamId => `operation-${operationId}`;

interface Ties {
  readonly partOf: OperationId | null;
  readonly parts: readonly OperationId[];
  readonly plan?: readonly PlannedStep[];
  readonly after?: OperationId | undefined;
}

const requested = (operation: Omit<NewOperation, 'resources'>, ties: Ties): StreamAppend => {
  const { operationId, kind, projectId, bindingId, target, input, retryOf = null, done } = operation;
  const { notBefore, participants, charges } = operation;
  const { partOf, parts, plan = [], after } = ties;
  const ofBatch = { partOf, parts: [...parts], ...(plan.length > 0 && { plan: [...plan] }) };
  const own = { operationId, kind, projectId, bindingId, target, input, retryOf, ...ofBatch };
  const request = participants ? { ...own, participants: [...participants] } : own;
  const waits = { ...(after !== undefined && { after }), ...(notBefore !== undefined && { notBefore }) };
  const events: OperationEvent[] = [operationEvent('OperationRequested', { ...request, ...waits }, charges)];
  if (done) events.push(operationEvent('OperationSucceeded', { result: done }));
  return { stream: operationStream(operationId), projectId, expectedVersion: 0, events };
};

/** What is remembered under an idempotency key: the first status and the way to the operation. */
const answerFor = (operationId: OperationId): JsonObject => ({
  status: 202,
  location: `/v1/operations/${operationId}`,
  operationId,
});

const accepted = (operationId: OperationId, streams: readonly StreamAppend[]): AcceptedPlan => ({
  accepted: true,
  streams,
  answer: answerFor(operationId),
  meta: { operationId, correlationId: operationId },
});

/** An operation on one resource and what that means for the resource, in one append. */
export const planOperation = ({ resources, ...operation }: NewOperation): AcceptedPlan => {
  const own = requested(operation, { partOf: null, parts: [] });
  // A terminal event comes last, so that who follows the operation to its end has seen all of it.
  const streams = operation.done ? [...resources, own] : [own, ...resources];
  return accepted(operation.operationId, streams);
};

/**
 * One visible operation and the parts that it consists of, in one append: all are charged or none. Each part is an operation
 * of its own, with its own intent, marker, send and outcome. This append is the visible operation's; what is recorded of a
 * part later carries the part's id, and as correlation the visible one's.
 */
export const planBatch = ({ parts, inOrder = false, ...batch }: NewBatch): AcceptedPlan => {
  const { operationId, kind, projectId, bindingId, notBefore } = batch;
  const own = requested(batch, { partOf: null, parts: parts.map((part) => part.operationId), plan: planOf(parts) });
  const streams = parts.flatMap(({ resources, ...part }, index) => {
    const after = inOrder ? parts[index - 1]?.operationId : undefined;
    const ofPart = requested(
      { kind, projectId, ...part, bindingId, notBefore },
      { partOf: operationId, parts: [], after },
    );
    return part.done ? [...resources, ofPart] : [ofPart, ...resources];
  });
  return accepted(operationId, oncePerStream([own, ...streams]));
};

const planOf = (parts: readonly NewPart[]): readonly PlannedStep[] =>
  parts.flatMap(({ operationId, step }) => (step ? [{ operationId, ...step }] : []));

/** Parts may share a resource: what each says of it was decided on the same state, and is written one after the other. */
export const oncePerStream = (streams: readonly StreamAppend[]): readonly StreamAppend[] => {
  const byName = new Map<StreamId, StreamAppend>();
  for (const each of streams) {
    const before = byName.get(each.stream);
    byName.set(each.stream, before ? { ...before, events: [...before.events, ...each.events] } : each);
  }
  return [...byName.values()];
};
