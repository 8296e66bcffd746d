import { BindingId, fold, OperationId, ProjectId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import {
  cancelabilityOf,
  operation,
  operationEvent,
  type OperationCommand,
  type OperationError,
  type OperationEvent,
  type OperationRefusal,
  type Requested,
} from './index.js';

const id = (last: number) => `01930000-0000-7000-8000-0000000000${String(last).padStart(2, '0')}`;
const [operationId, part, other] = [id(1), id(2), id(3)].map((each) => OperationId.parse(each)) as [
  OperationId,
  OperationId,
  OperationId,
];
const request: Requested = {
  operationId,
  kind: 'disk.create',
  projectId: ProjectId.parse(id(4)),
  bindingId: BindingId.parse(id(5)),
  target: { type: 'disk', id: id(6) },
  input: {},
  partOf: null,
  parts: [],
  retryOf: null,
};
const error: OperationError = {
  code: 'failed-in-cloud',
  title: 'The cloud could not carry it out',
  owner: 'cloud',
  remedy: 'retry',
  retryable: true,
  cloud: null,
};

const requested = operationEvent('OperationRequested', request);
const batch = operationEvent('OperationRequested', { ...request, parts: [part] });
const started = operationEvent('OperationStarted', {});
const intended = (attempt: number) =>
  operationEvent('SendIntended', { attempt, marker: `${operationId}.${attempt}`, sendWithinMs: 10_000 });
const acceptance = { attempt: 1, jobId: 'job', cloudId: null, cloudRequestId: null, via: 'answer' } as const;
const accepted = operationEvent('SendAccepted', acceptance);
const lost = operationEvent('AnswerLost', { attempt: 1, fault: { code: 'HTTP 504', message: '', requestId: null } });
const absent = operationEvent('SendPresumedAbsent', { attempt: 1, emptyLooks: 3 });
const cancelRequested = operationEvent('OperationCancelRequested', {});
const cancelled = operationEvent('OperationCancelled', {});
const succeeded = operationEvent('OperationSucceeded', { result: {} });
const failed = operationEvent('OperationFailed', { error, result: null });

const given = (...past: readonly OperationEvent[]) => ({
  when: (command: OperationCommand) => {
    const decision = operation.decide(command, fold(operation, past));
    return {
      then: (...events: readonly OperationEvent[]) => expect(decision).toEqual({ accepted: true, events }),
      thenRefused: (type: OperationRefusal['type'], reason?: string) =>
        expect(decision).toMatchObject({
          accepted: false,
          refusal: reason === undefined ? { type } : { type, reason },
        }),
    };
  },
  canBeCancelled: (when: string) => expect(cancelabilityOf(fold(operation, past))).toBe(when),
});

const intend = (attempt: number, provenUnsent = false): OperationCommand => ({
  type: 'IntendSend',
  attempt,
  marker: `${operationId}.${attempt}`,
  sendWithinMs: 10_000,
  provenUnsent,
});

describe('an operation', () => {
  it('is requested once', () => {
    given().when({ type: 'RequestOperation', request }).then(requested);
    given(requested).when({ type: 'RequestOperation', request }).then();
  });

  it('starts without a send when there is nothing to send', () => {
    given(requested).when({ type: 'Begin' }).then(started);
    given(requested, started).when({ type: 'Begin' }).then();
  });

  it('stays ended as it ended', () => {
    for (const end of [succeeded, failed, cancelled]) {
      given(requested, end).when({ type: 'Succeed', result: {} }).then();
      given(requested, end)
        .when({ type: 'Fail', data: { error, result: null } })
        .then();
      given(requested, end).when({ type: 'Begin' }).then();
      given(requested, end).when(intend(1)).thenRefused('step-superseded');
      given(requested, end).when({ type: 'Cancel' }).thenRefused('not-cancellable');
      given(requested, end).canBeCancelled('no');
    }
  });
});

describe('a send', () => {
  it('is intended first, by one worker', () => {
    given(requested).when(intend(1)).then(intended(1));
    given(requested).when(intend(2)).thenRefused('step-superseded');
    given(requested, intended(1)).when(intend(1)).thenRefused('step-superseded');
    given(requested, started).when(intend(1)).thenRefused('step-superseded');
    given(requested, cancelRequested).when(intend(1)).thenRefused('step-superseded');
  });

  it('is repeated only when the one before had no effect for certain', () => {
    given(requested, intended(1)).when(intend(2)).thenRefused('step-superseded');
    given(requested, intended(1)).when(intend(2, true)).then(intended(2));
    given(requested, intended(1), lost).when(intend(2)).thenRefused('step-superseded');
    given(requested, intended(1), lost, absent).when(intend(2)).then(intended(2));
    given(requested, intended(1), accepted).when(intend(2, true)).thenRefused('step-superseded');
  });

  it('is accepted by its answer, or found after the answer was lost', () => {
    given(requested, intended(1)).when({ type: 'RecordAccepted', data: acceptance }).then(accepted);
    given(requested, intended(1), lost).when({ type: 'RecordAccepted', data: acceptance }).then(accepted);
    given(requested, intended(1), accepted).when({ type: 'RecordAccepted', data: acceptance }).then();
    given(requested, intended(1), lost, absent).when({ type: 'RecordAccepted', data: acceptance }).then();
    given(requested, intended(1), intended(2)).when({ type: 'RecordAccepted', data: acceptance }).then();
  });

  it('is lost once, and presumed absent once', () => {
    given(requested, intended(1)).when({ type: 'RecordLost', data: lost.data }).then(lost);
    given(requested, intended(1), lost).when({ type: 'RecordLost', data: lost.data }).then();
    given(requested, intended(1), lost).when({ type: 'PresumeAbsent', data: absent.data }).then(absent);
    given(requested, intended(1), lost, absent).when({ type: 'PresumeAbsent', data: absent.data }).then();
  });

  it('makes progress that is news', () => {
    const progress = { type: 'RecordProgress', state: 'running', cloudId: null } as const;
    const running = operationEvent('CloudProgressed', { state: 'running', cloudId: null });
    given(requested, intended(1)).when(progress).then();
    given(requested, intended(1), accepted).when(progress).then(running);
    given(requested, intended(1), accepted, running).when(progress).then();
    given(requested, intended(1), accepted, running)
      .when({ ...progress, cloudId: 'cloud-1' })
      .then(operationEvent('CloudProgressed', { state: 'running', cloudId: 'cloud-1' }));
  });
});

describe('an operation that the cloud is at for long', () => {
  const suspect = { type: 'SuspectStuck', data: { afterMs: 180_000, sample: 500 } } as const;
  const suspected = operationEvent('OperationStuckSuspected', suspect.data);

  it('is suspected to be stuck once, whatever the cloud says of it afterwards', () => {
    const progressed = operationEvent('CloudProgressed', { state: 'running', cloudId: 'cloud-1' });
    given(requested, intended(1), accepted).when(suspect).then(suspected);
    given(requested, intended(1), accepted, suspected).when(suspect).then();
    given(requested, intended(1), accepted, suspected, progressed).when(suspect).then();
  });

  it('is not suspected before the cloud has taken it', () => {
    given(requested).when(suspect).then();
    given(requested, intended(1)).when(suspect).then();
  });
});

describe('cancelling an operation', () => {
  it('ends it while it is queued', () => {
    given(requested).canBeCancelled('now');
    given(requested).when({ type: 'Cancel' }).then(cancelled);
  });

  it('is a wish while a send may be under way, and heard at the next safe point', () => {
    for (const past of [[intended(1)], [intended(1), lost], [intended(1), lost, absent], [started]]) {
      given(requested, ...past).canBeCancelled('at-next-safe-point');
      given(requested, ...past)
        .when({ type: 'Cancel' })
        .then(cancelRequested);
      given(requested, ...past, cancelRequested)
        .when({ type: 'Cancel' })
        .then();
    }
    given(requested, intended(1), cancelRequested).when({ type: 'ConcludeCancelled' }).thenRefused('step-superseded');
    given(requested, intended(1), cancelRequested, absent).when({ type: 'ConcludeCancelled' }).then(cancelled);
    given(requested, intended(1), absent).when({ type: 'ConcludeCancelled' }).thenRefused('step-superseded');
  });

  it('is refused once the cloud has the work', () => {
    given(requested, intended(1), accepted).canBeCancelled('no');
    given(requested, intended(1), accepted).when({ type: 'Cancel' }).thenRefused('not-cancellable');
    given().when({ type: 'Cancel' }).thenRefused('not-found');
  });

  it('is a wish for a batch, which ends with its parts', () => {
    given(batch).canBeCancelled('at-next-safe-point');
    given(batch).when({ type: 'Cancel' }).then(cancelRequested);
    given(batch, cancelRequested).when({ type: 'ConcludeCancelled' }).then(cancelled);
  });
});

describe('trying an operation again', () => {
  const retry: OperationCommand = { type: 'MarkRetried', retriedBy: other };
  const retried = operationEvent('OperationRetried', { retriedBy: other });

  it('is marked once, on what failed or was cancelled', () => {
    given(requested, failed).when(retry).then(retried);
    given(requested, cancelled).when(retry).then(retried);
    given(requested, failed, retried).when(retry).thenRefused('not-retryable');
  });

  it('is refused where it makes no sense', () => {
    given().when(retry).thenRefused('not-found');
    given(requested).when(retry).thenRefused('not-retryable');
    given(requested, succeeded).when(retry).thenRefused('not-retryable');
    const hopeless = operationEvent('OperationFailed', { error: { ...error, retryable: false }, result: null });
    given(requested, hopeless).when(retry).thenRefused('not-retryable');
    const ofBatch = operationEvent('OperationRequested', { ...request, partOf: other });
    given(ofBatch, failed).when(retry).thenRefused('not-retryable');
  });

  it('is refused in a sentence', () => {
    given(requested).when(retry).thenRefused('not-retryable', 'the operation has not ended');
    given(requested, succeeded).when(retry).thenRefused('not-retryable', 'the operation has succeeded');
    given(requested, cancelled).when({ type: 'Cancel' }).thenRefused('not-cancellable', 'the operation was cancelled');
  });
});
