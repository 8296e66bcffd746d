import { defineProblems } from '@strata/http';

/** What the commands about transfers may be refused with. */
export const transferProblems = defineProblems({
  'transfer-ended': {
    status: 409,
    title: 'The transfer has ended',
    explanation:
      '`transferStatus` tells how: it was withdrawn, or the disk lies in another project already. Offer the disk again, if ' +
      'it is still there.',
    detail: 'The transfer is {transferStatus}: nothing is left to be done.',
    retryable: false,
  },
  'transfer-under-way': {
    status: 409,
    title: 'The transfer was accepted, and the cloud is at it',
    explanation:
      '`blockers` names the operation that brings the disk to the other project. When it succeeds, the disk lies there; when it ' +
      'fails, the disk is offered as before, and the offer can be taken back.',
    detail: 'Wait for the end of {blockers}.',
    retryable: true,
  },
  'transfer-within-project': {
    status: 409,
    title: 'The disk lies in this project already',
    explanation: 'A transfer brings a disk into another project than the one that offers it.',
    detail: 'Accept the transfer in another project.',
    retryable: false,
  },
  'transfer-not-ready': {
    status: 409,
    title: 'The disk cannot be handed over as it is',
    explanation:
      'Since it was offered it was changed in the cloud itself: attached to a server, say. The project that offers it sees ' +
      'how, and can mend it.',
    detail: 'Ask whoever offers the disk to look at it.',
    retryable: true,
  },
  'transfer-between-clouds': {
    status: 409,
    title: 'The two projects lie in different clouds',
    explanation:
      'A disk is handed over within one cloud: between projects of one binding, or of two bindings of the same kind, region and ' +
      'block storage endpoint.',
    detail: 'Accept the transfer in a project whose binding leads to the same cloud.',
    retryable: false,
  },
});
