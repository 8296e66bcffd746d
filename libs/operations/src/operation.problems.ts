import { defineProblems, platformProblems } from '@strata/http';

/** What the commands of operations may be refused with. */
export const operationProblems = defineProblems({
  'not-cancellable': {
    status: 409,
    title: 'The operation cannot be cancelled',
    explanation:
      'An operation can be cancelled until the cloud has taken its work; from then on it takes its course. One that has ' +
      'ended stays as it is. `reason` tells which it is; `cancelability` of the operation tells it beforehand. To undo what ' +
      'was done, ask for the opposite.',
    detail: 'It cannot be cancelled: {reason}.',
    retryable: false,
  },
  'not-retryable': {
    status: 409,
    title: 'The operation cannot be tried again',
    explanation:
      'Trying again makes a new operation out of one that failed or was cancelled, once. `reason` tells why not here: it is ' +
      'still open, it succeeded, it was tried again already, it is a part of a batch (try the batch again), its `error` ' +
      'is not `retryable`, so that the same request would fail in the same way, or what it was about was deleted since.',
    detail: 'It cannot be tried again: {reason}.',
    retryable: false,
  },
});

/** With those that every resource has. */
export const refusalsOfOperations = { ...operationProblems, 'not-found': platformProblems['not-found'] };
