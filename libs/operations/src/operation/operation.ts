import {
  accept,
  refuse,
  unreachable,
  type Decider,
  type Decision,
  type JsonObject,
  type OperationId,
} from '@strata/kernel';
import { whyNotRetried } from './operation.errors.js';
import { evolveOperation } from './operation.evolve.js';
import {
  operationEvent,
  type OperationError,
  type OperationEvent,
  type OperationEventOf,
  type Target,
} from './operation.events.js';

export type Requested = OperationEventOf<'OperationRequested'>['data'];

/** Where a running operation stands with the cloud. */
export type Phase =
  /** The intent is recorded; the write may be under way, or its sender may have died. */
  | { readonly phase: 'sending'; readonly marker: string; readonly sendWithinMs: number }
  /** The write left and its answer did not arrive. */
  | { readonly phase: 'lost'; readonly marker: string; readonly sendWithinMs: number }
  | {
      readonly phase: 'accepted';
      readonly marker: string;
      readonly jobId: string | null;
      readonly cloudId: string | null;
      readonly state: string | null;
      /** The cloud has been at it for longer than is usual. Absent: not so. */
      readonly stuckSuspected?: true;
    }
  /** Nothing of the last attempt is in the cloud: a safe point, the next attempt may be made. */
  | { readonly phase: 'cleared' }
  /** Nothing to send: looking, or waiting for parts. */
  | { readonly phase: 'watching' };

export interface Known extends Requested {
  readonly attempts: number;
  readonly cancelRequested: boolean;
}

export type Operation =
  | { readonly status: 'absent' }
  | (Known & { readonly status: 'queued' })
  | (Known & { readonly status: 'running' } & Phase)
  | (Known & { readonly status: 'succeeded' })
  | (Known & { readonly status: 'failed'; readonly error: OperationError; readonly retriedBy: OperationId | null })
  | (Known & { readonly status: 'cancelled'; readonly retriedBy: OperationId | null });

export type RunningOperation = Extract<Operation, { status: 'running' }>;
export type OpenOperation = Extract<Operation, { status: 'queued' | 'running' }>;

export type OperationCommand =
  | { readonly type: 'RequestOperation'; readonly request: Requested }
  | { readonly type: 'Begin' }
  /** `provenUnsent`: the cloud proved that the attempt before had no effect. */
  | {
      readonly type: 'IntendSend';
      readonly attempt: number;
      readonly marker: string;
      readonly sendWithinMs: number;
      readonly provenUnsent: boolean;
    }
  | { readonly type: 'RecordAccepted'; readonly data: OperationEventOf<'SendAccepted'>['data'] }
  | { readonly type: 'RecordLost'; readonly data: OperationEventOf<'AnswerLost'>['data'] }
  | { readonly type: 'PresumeAbsent'; readonly data: OperationEventOf<'SendPresumedAbsent'>['data'] }
  | { readonly type: 'RecordProgress'; readonly state: string; readonly cloudId: string | null }
  | { readonly type: 'SuspectStuck'; readonly data: OperationEventOf<'OperationStuckSuspected'>['data'] }
  | { readonly type: 'Succeed'; readonly result: OperationEventOf<'OperationSucceeded'>['data']['result'] }
  | { readonly type: 'Fail'; readonly data: OperationEventOf<'OperationFailed'>['data'] }
  | { readonly type: 'Cancel' }
  /** The worker stands at a safe point and found the wish to cancel. `result`: of a batch. */
  | { readonly type: 'ConcludeCancelled'; readonly result?: JsonObject }
  | { readonly type: 'MarkRetried'; readonly retriedBy: OperationId };

export type OperationRefusal =
  | { readonly type: 'not-found' }
  | { readonly type: 'not-cancellable'; readonly reason: string }
  | { readonly type: 'not-retryable'; readonly reason: string }
  /** Somebody else has taken this step meanwhile: leave it to them. */
  | { readonly type: 'step-superseded' };

/** What a user's wish can be refused with. */
export type WishRefusal = Exclude<OperationRefusal, { type: 'step-superseded' }>;
export type Wish = Extract<OperationCommand, { type: 'Cancel' | 'MarkRetried' }>;

type Decided = Decision<OperationEvent, OperationRefusal>;
type Wished = Decision<OperationEvent, WishRefusal>;
type On<Type extends OperationCommand['type']> = Extract<OperationCommand, { type: Type }>;

export const isOpen = (operation: Operation): operation is OpenOperation =>
  operation.status === 'queued' || operation.status === 'running';

/** Whether its time to begin has not come. */
export const isBeforeItsTime = (operation: Operation, nowMs: number): boolean =>
  operation.status === 'queued' && operation.notBefore !== undefined && nowMs < Date.parse(operation.notBefore);

/** What may be cancelled without harm: before a send, or between two. A batch ends with its parts, one between projects by a worker. */
export const cancelabilityOf = (operation: Operation): 'now' | 'at-next-safe-point' | 'no' => {
  if (operation.status === 'queued')
    return operation.parts.length === 0 && operation.participants === undefined ? 'now' : 'at-next-safe-point';
  if (operation.status !== 'running') return 'no';
  return operation.phase === 'accepted' ? 'no' : 'at-next-safe-point';
};

const intendSend = (command: On<'IntendSend'>, operation: Operation): Decided => {
  const intended = accept<OperationEvent>(
    operationEvent('SendIntended', {
      attempt: command.attempt,
      marker: command.marker,
      sendWithinMs: command.sendWithinMs,
    }),
  );
  if (!isOpen(operation) || command.attempt !== operation.attempts + 1 || operation.cancelRequested)
    return refuse({ type: 'step-superseded' });
  if (operation.status === 'queued') return intended;
  switch (operation.phase) {
    case 'cleared':
      return intended;
    case 'sending':
    case 'lost':
      return command.provenUnsent ? intended : refuse({ type: 'step-superseded' });
    case 'accepted':
    case 'watching':
      return refuse({ type: 'step-superseded' });
  }
};

/** An attempt whose outcome is open and that is still the newest one; a late report about an older one is not news. */
const awaits = (operation: Operation, attempt: number): boolean =>
  operation.status === 'running' &&
  (operation.phase === 'sending' || operation.phase === 'lost') &&
  operation.attempts === attempt;

/** As the end of a sentence that tells why something is refused. */
const standing = {
  queued: 'the operation has not ended',
  running: 'the operation has not ended',
  succeeded: 'the operation has succeeded',
  failed: 'the operation has failed',
  cancelled: 'the operation was cancelled',
} as const;

const cancel = (operation: Operation): Wished => {
  if (operation.status === 'absent') return refuse({ type: 'not-found' });
  switch (cancelabilityOf(operation)) {
    case 'now':
      return accept<OperationEvent>(operationEvent('OperationCancelled', {}));
    case 'at-next-safe-point':
      return isOpen(operation) && operation.cancelRequested
        ? accept<OperationEvent>()
        : accept<OperationEvent>(operationEvent('OperationCancelRequested', {}));
    case 'no':
      return refuse({
        type: 'not-cancellable',
        reason: isOpen(operation) ? 'the cloud has taken the work and cannot be stopped' : standing[operation.status],
      });
  }
};

const markRetried = ({ retriedBy }: On<'MarkRetried'>, operation: Operation): Wished => {
  if (operation.status === 'absent') return refuse({ type: 'not-found' });
  if (operation.status !== 'failed' && operation.status !== 'cancelled')
    return refuse({ type: 'not-retryable', reason: standing[operation.status] });
  if (operation.partOf !== null)
    return refuse({ type: 'not-retryable', reason: 'it is a part: retry the operation that it belongs to' });
  if (operation.retriedBy !== null)
    return refuse({ type: 'not-retryable', reason: `it was tried again by ${operation.retriedBy}` });
  if (operation.status === 'failed' && !operation.error.retryable)
    return refuse({ type: 'not-retryable', reason: whyNotRetried(operation.error) });
  return accept<OperationEvent>(operationEvent('OperationRetried', { retriedBy }));
};

export const decideWish = (wish: Wish, operation: Operation): Wished =>
  wish.type === 'Cancel' ? cancel(operation) : markRetried(wish, operation);

export const atSafePoint = (operation: Operation): boolean =>
  operation.status === 'queued' ||
  (operation.status === 'running' && (operation.phase === 'cleared' || operation.phase === 'watching'));

const decide = (command: OperationCommand, operation: Operation): Decided => {
  switch (command.type) {
    case 'RequestOperation':
      return operation.status === 'absent'
        ? accept<OperationEvent>(operationEvent('OperationRequested', command.request))
        : accept<OperationEvent>();
    case 'Begin':
      return operation.status === 'queued'
        ? accept<OperationEvent>(operationEvent('OperationStarted', {}))
        : accept<OperationEvent>();
    case 'IntendSend':
      return intendSend(command, operation);
    case 'RecordAccepted':
      return awaits(operation, command.data.attempt)
        ? accept<OperationEvent>(operationEvent('SendAccepted', command.data))
        : accept<OperationEvent>();
    case 'RecordLost':
      return awaits(operation, command.data.attempt) && operation.status === 'running' && operation.phase === 'sending'
        ? accept<OperationEvent>(operationEvent('AnswerLost', command.data))
        : accept<OperationEvent>();
    case 'PresumeAbsent':
      return awaits(operation, command.data.attempt)
        ? accept<OperationEvent>(operationEvent('SendPresumedAbsent', command.data))
        : accept<OperationEvent>();
    case 'RecordProgress':
      return operation.status === 'running' &&
        operation.phase === 'accepted' &&
        (operation.state !== command.state || (operation.cloudId ?? command.cloudId) !== operation.cloudId)
        ? accept<OperationEvent>(
            operationEvent('CloudProgressed', { state: command.state, cloudId: command.cloudId ?? operation.cloudId }),
          )
        : accept<OperationEvent>();
    case 'SuspectStuck':
      return operation.status === 'running' && operation.phase === 'accepted' && operation.stuckSuspected === undefined
        ? accept<OperationEvent>(operationEvent('OperationStuckSuspected', command.data))
        : accept<OperationEvent>();
    case 'Succeed':
      return isOpen(operation)
        ? accept<OperationEvent>(operationEvent('OperationSucceeded', { result: command.result }))
        : accept<OperationEvent>();
    case 'Fail':
      return isOpen(operation)
        ? accept<OperationEvent>(operationEvent('OperationFailed', command.data))
        : accept<OperationEvent>();
    case 'Cancel':
    case 'MarkRetried':
      return decideWish(command, operation);
    case 'ConcludeCancelled':
      return isOpen(operation) && operation.cancelRequested && atSafePoint(operation)
        ? accept<OperationEvent>(operationEvent('OperationCancelled', command.result ? { result: command.result } : {}))
        : refuse({ type: 'step-superseded' });
    default:
      return unreachable(command);
  }
};

export const operation: Decider<Operation, OperationCommand, OperationEvent, OperationRefusal> = {
  initial: { status: 'absent' },
  decide,
  evolve: evolveOperation,
};

/** The resources an operation works on. */
export const targetIds = (target: Target): readonly string[] => ('ids' in target ? target.ids : [target.id]);
