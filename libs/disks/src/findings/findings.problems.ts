import { defineProblems } from '@strata/http';

/** What the commands about findings may be refused with. */
export const findingProblems = defineProblems({
  'finding-resolved': {
    status: 409,
    title: 'The finding is resolved',
    explanation: 'A later sweep saw it in order, so that there is nothing left to ignore.',
    detail: 'A later sweep saw it in order: nothing is left to be done.',
    retryable: false,
  },
});
