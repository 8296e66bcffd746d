import { unreachable } from '@strata/kernel';
import type { OperationEvent } from './operation.events.js';
import type { Known, Operation, Phase } from './operation.js';

const running = (operation: Operation, phase: Phase, change: Partial<Known> = {}): Operation => {
  if (operation.status === 'absent') return operation;
  const { kind, operationId, projectId, bindingId, target, input, partOf, parts, retryOf } = operation;
  const { after, notBefore, participants, plan } = operation;
  const waits = { ...(after !== undefined && { after }), ...(notBefore !== undefined && { notBefore }) };
  const ties = { partOf, parts, retryOf, ...waits, ...(plan && { plan }), ...(participants && { participants }) };
  const request = { kind, operationId, projectId, bindingId, target, input, ...ties };
  const { attempts, cancelRequested } = operation;
  return { ...request, attempts, cancelRequested, ...change, status: 'running', ...phase };
};

const markerOf = (operation: Operation): { marker: string; sendWithinMs: number } =>
  operation.status === 'running' && (operation.phase === 'sending' || operation.phase === 'lost')
    ? { marker: operation.marker, sendWithinMs: operation.sendWithinMs }
    : { marker: '', sendWithinMs: 1 };

export const evolveOperation = (operation: Operation, event: OperationEvent): Operation => {
  if (event.type === 'OperationRequested')
    return { ...event.data, status: 'queued', attempts: 0, cancelRequested: false };
  if (operation.status === 'absent') return operation;
  switch (event.type) {
    case 'OperationStarted':
      return running(operation, { phase: 'watching' });
    case 'SendIntended': {
      const { attempt, marker, sendWithinMs } = event.data;
      return running(operation, { phase: 'sending', marker, sendWithinMs }, { attempts: attempt });
    }
    case 'AnswerLost':
      return running(operation, { phase: 'lost', ...markerOf(operation) });
    case 'SendAccepted': {
      const { jobId, cloudId } = event.data;
      return running(operation, { phase: 'accepted', marker: markerOf(operation).marker, jobId, cloudId, state: null });
    }
    case 'SendPresumedAbsent':
      return running(operation, { phase: 'cleared' });
    case 'CloudProgressed':
      return operation.status === 'running' && operation.phase === 'accepted'
        ? { ...operation, state: event.data.state, cloudId: event.data.cloudId }
        : operation;
    case 'OperationStuckSuspected':
      return operation.status === 'running' && operation.phase === 'accepted'
        ? { ...operation, stuckSuspected: true }
        : operation;
    case 'OperationCancelRequested':
      return { ...operation, cancelRequested: true };
    case 'OperationSucceeded':
      return { ...operation, status: 'succeeded' };
    case 'OperationFailed':
      return { ...operation, status: 'failed', error: event.data.error, retriedBy: null };
    case 'OperationCancelled':
      return { ...operation, status: 'cancelled', retriedBy: null };
    case 'OperationRetried':
      return operation.status === 'failed' || operation.status === 'cancelled'
        ? { ...operation, retriedBy: event.data.retriedBy }
        : operation;
    default:
      return unreachable(event);
  }
};
