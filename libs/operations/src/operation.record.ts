import type { RecordedEvent } from '@strata/event-store';
import type { JsonObject, OperationId, ProjectId } from '@strata/kernel';
import { inMilliseconds } from '@strata/projects';
import {
  operation,
  type OperationError,
  type OperationEvent,
  type OperationEventOf,
  type Operation,
  type PlannedStep,
  type Target,
} from './operation/index.js';

/** A piece of the work of one operation. `unknown`: its answer was lost and nobody knows yet. */
export interface OwnStep {
  readonly name: 'send' | 'look-up' | 'cloud-work' | 'look' | 'parts';
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown';
  /** RFC 3339 with milliseconds, as all times here. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly cloudRequestId: string | null;
}

/** A step of a plan, carried out by a part. `not-begun`: the one before it did not succeed. */
export interface PartStep extends Pick<PlannedStep, 'name' | 'target' | 'operationId'> {
  readonly status: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'not-begun';
  /** Null when it never began. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly cloudRequestId: string | null;
}

/** A piece of the work as users follow it. */
export type ShownStep = OwnStep | PartStep;

/**
 * What is told of an operation, folded from its stream: all that the resource needs, in JSON, so that a view can keep it and
 * fold on. `state` carries no input: that is not shown, can be large, and stays in the log.
 */
export interface OperationRecord {
  readonly id: OperationId;
  readonly projectId: ProjectId;
  readonly kind: string;
  readonly target: Target;
  readonly state: Exclude<Operation, { status: 'absent' }>;
  /** Its own; `stepsOf` tells those of a plan. */
  readonly steps: readonly OwnStep[];
  readonly error: OperationError | null;
  readonly result: JsonObject | null;
  readonly retriedBy: string | null;
  readonly actorId: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Of its newest event. */
  readonly position: number;
  /** Of its stream. */
  readonly version: number;
  /** Projects between which it goes, as far as the reader may see them; absent for what concerns one project only. */
  readonly participants?: readonly ProjectId[];
}

const begin = ({ data }: OperationEventOf<'OperationRequested'>, event: RecordedEvent): OperationRecord => {
  const at = inMilliseconds(event.recordedAt);
  const { operationId: id, projectId, kind, target, participants } = data;
  return {
    id,
    projectId,
    kind,
    target,
    state: { ...data, input: {}, status: 'queued', attempts: 0, cancelRequested: false },
    steps: [],
    error: null,
    result: null,
    retriedBy: null,
    actorId: event.meta.actorId,
    createdAt: at,
    startedAt: null,
    endedAt: null,
    position: event.position,
    version: event.version,
    ...(participants && { participants }),
  };
};

const started = (name: OwnStep['name'], at: string, cloudRequestId: string | null = null): OwnStep => ({
  name,
  status: 'running',
  startedAt: at,
  endedAt: null,
  cloudRequestId,
});

/** Ends whatever runs. */
const settled = (steps: readonly OwnStep[], status: OwnStep['status'], at: string): readonly OwnStep[] =>
  steps.map((step) => (step.status === 'running' ? { ...step, status, endedAt: at } : step));

/** It is known now what became of the send; the search for it, if there was one, has done its work. */
const lookedUp = (steps: readonly OwnStep[], sent: 'succeeded' | 'failed', at: string): readonly OwnStep[] => {
  const searched = steps.map((step) =>
    step.name === 'look-up' && step.endedAt === null ? { ...step, status: 'succeeded' as const, endedAt: at } : step,
  );
  const known = searched.map((step) => (step.status === 'unknown' ? { ...step, status: sent } : step));
  return settled(known, sent, at);
};

/** The cloud has answered what was being sent. */
const answered = (
  steps: readonly OwnStep[],
  status: 'succeeded' | 'failed',
  cloudRequestId: string | null,
  at: string,
): readonly OwnStep[] =>
  settled(
    steps.map((step) => (step.name === 'send' && step.status === 'running' ? { ...step, cloudRequestId } : step)),
    status,
    at,
  );

const stepsAfter = (record: OperationRecord, event: OperationEvent, at: string): readonly OwnStep[] => {
  const { steps, state } = record;
  switch (event.type) {
    case 'OperationStarted':
      return [...steps, started(state.parts.length > 0 ? 'parts' : 'look', at)];
    case 'SendIntended':
      // Of an attempt that is still open it was proven that it had no effect, else there would be no other.
      return [...lookedUp(steps, 'failed', at), started('send', at)];
    case 'AnswerLost': {
      const { requestId } = event.data.fault;
      const lost = steps.map((step) => (step.status === 'running' ? { ...step, cloudRequestId: requestId } : step));
      return [...settled(lost, 'unknown', at), started('look-up', at)];
    }
    case 'SendPresumedAbsent':
      return lookedUp(steps, 'failed', at);
    case 'SendAccepted': {
      const { via, cloudRequestId } = event.data;
      const sent =
        via === 'answer' ? answered(steps, 'succeeded', cloudRequestId, at) : lookedUp(steps, 'succeeded', at);
      return [...sent, started('cloud-work', at)];
    }
    case 'OperationSucceeded':
      return settled(steps, 'succeeded', at);
    case 'OperationFailed':
      return answered(steps, 'failed', event.data.error.cloud?.requestId ?? null, at);
    case 'OperationCancelled':
      return settled(steps, 'cancelled', at);
    default:
      return steps;
  }
};

type Told = Partial<Pick<OperationRecord, 'error' | 'result' | 'retriedBy' | 'startedAt' | 'endedAt'>>;

const toldBy = (event: OperationEvent, { startedAt }: OperationRecord, at: string): Told => {
  switch (event.type) {
    case 'OperationStarted':
    case 'SendIntended':
      return { startedAt: startedAt ?? at };
    case 'OperationSucceeded':
      return { startedAt: startedAt ?? at, endedAt: at, result: event.data.result };
    case 'OperationFailed':
      return { endedAt: at, error: event.data.error, result: event.data.result };
    case 'OperationCancelled':
      return { endedAt: at, result: event.data.result ?? null };
    case 'OperationRetried':
      return { retriedBy: event.data.retriedBy };
    default:
      return {};
  }
};

/** Undefined until the operation begins. Events arrive in today's shape, in the order of their stream. */
export const recordAfter = (
  record: OperationRecord | undefined,
  recorded: RecordedEvent,
): OperationRecord | undefined => {
  // Only this feature writes operation streams: their category guarantees the union.
  const event = recorded as unknown as OperationEvent;
  if (event.type === 'OperationRequested') return record ?? begin(event, recorded);
  if (record === undefined) return undefined;
  const at = inMilliseconds(recorded.recordedAt);
  const state = operation.evolve(record.state, event) as OperationRecord['state'];
  const { position, version } = recorded;
  return {
    ...record,
    ...toldBy(event, record, at),
    state,
    steps: stepsAfter(record, event, at),
    position,
    version,
  };
};

export const recordOf = (events: readonly RecordedEvent[]): OperationRecord | undefined =>
  events.reduce<OperationRecord | undefined>(recordAfter, undefined);

/** Whether nothing more will come of it. */
export const hasEnded = ({ endedAt }: OperationRecord): boolean => endedAt !== null;
