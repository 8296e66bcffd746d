import { defineProblems } from '@strata/http';

/** What the commands about findings may be refused with. */
export const findingProblems = defineProblems({
  'finding-resolved': {
    status: 409,
    title: 'The finding is resolved',
    explanation:
      'A later sweep saw it in order, somebody has settled it, or what it was about was deleted or is a disk of a project by now: ' +
      'nothing is left to be done.',
    detail: 'It was seen in order, settled, adopted or deleted since: nothing is left to be done.',
    retryable: false,
  },
  'finding-busy': {
    status: 409,
    title: 'The disk is being adopted',
    explanation:
      'A disk of a cloud becomes a disk of one project at most. `blockers` names the operation that adopts it: wait for its ' +
      'end, or cancel it if it can be cancelled.',
    detail: 'Wait for the end of {blockers}, or cancel it.',
    retryable: true,
  },
  'finding-not-adoptable': {
    status: 409,
    title: 'What was found cannot be adopted',
    explanation:
      'Adopted are disks that nobody of this Strata has: findings of the kinds `unknown` and `foreign-marker`, of a size ' +
      'and type that quota can count.',
    detail: 'A finding of kind {kind} is not adopted, nor a disk whose size or type quota cannot count.',
    retryable: false,
  },
  'finding-not-repairable': {
    status: 409,
    title: 'What was found cannot be written back',
    explanation:
      'Repaired are findings of the kind `changed` of a disk, as far as name, description, tags and metadata go. `left` says of ' +
      'everything else why it stays as the cloud has it: no disk becomes smaller, a type is changed by a retype, and a state ' +
      'only by the cloud. `actions` of the finding lists what can be done about it.',
    detail: 'Nothing of this finding, of kind {kind}, can be written back: `actions` of it lists what can be done.',
    retryable: false,
  },
  'nothing-to-import': {
    status: 409,
    title: 'There is nothing that fits',
    explanation:
      'No disk that a sweep found and nobody has fits a rule. Sweep the binding first if it was not, and read with ' +
      '`?validateOnly=true` what is left and why.',
    detail:
      'No open finding of kind `unknown` fits a rule: sweep first, or ask with `?validateOnly=true` what is left.',
    retryable: false,
  },
  'carries-foreign-marker': {
    status: 409,
    title: 'The disk carries the marker of another Strata',
    explanation:
      'It may be in use there, and two would work on one disk. When that Strata is gone (a log that was lost or restored), ' +
      'ask again with `replaceMarker: true`.',
    detail:
      'It carries the marker {marker}, which this log does not know: replace it only when no other Strata has it.',
    retryable: false,
  },
  'not-removable': {
    status: 409,
    title: 'Strata made it: it is not removed as something strange',
    explanation:
      'Removal with the approval of two people is for what Strata did not make: findings of the kinds `unknown` and `orphan`, ' +
      'and what carries a `foreign-marker` and is no disk or snapshot of the log. Anything else is deleted as what it is.',
    detail: 'Only what Strata did not make is removed in this way: delete the disk or the snapshot itself.',
    retryable: false,
  },
  'removal-pending': {
    status: 409,
    title: 'Its removal is asked for already',
    explanation:
      'Approve it, or reject it and ask anew. `removal` of the finding tells who asked, why, and until when.',
    detail: 'Approve the removal that is asked for, or reject it and ask anew.',
    retryable: false,
  },
  'removal-not-requested': {
    status: 409,
    title: 'Its removal is not asked for',
    explanation:
      'Nobody asked for it, or what was asked for was rejected, has expired, or has failed. Ask for it anew.',
    detail: 'There is nothing to approve or reject: ask for the removal first.',
    retryable: false,
  },
  'removal-expired': {
    status: 409,
    title: 'The time to approve the removal is over',
    explanation: 'Whoever still wants it asks for it anew; approvals do not outlast `expiresAt`.',
    detail: 'It could be approved until {expiresAt}: ask for it anew.',
    retryable: false,
  },
  'removal-under-way': {
    status: 409,
    title: 'The removal is under way',
    explanation:
      '`blockers` names the operation that removes it, `operationId` the same; it can be cancelled as long as nothing was sent.',
    detail: 'It is removed by {blockers}.',
    retryable: false,
  },
  'approver-not-independent': {
    status: 409,
    title: 'Your token and the one that approved before may be one person’s',
    explanation:
      'One of the two tokens was issued by the other, directly or through further ones, or both come from a third one: whoever ' +
      'holds that could approve twice. `approvedBy` is the actor who has approved. Somebody has to approve whose token comes from ' +
      'the first token of the installation by another way; a first token approves only together with another first token. Or ' +
      'reject the removal, ask for it anew, and let two such people approve.',
    detail:
      'Actor {approvedBy} has approved, whose token comes from yours, yours from it, or both from a third: somebody else has ' +
      'to approve it.',
    retryable: false,
  },
  'approved-before': {
    status: 409,
    title: 'You have approved it before',
    explanation:
      'Two different people have to approve, whoever asked for it. A person is an actor: `GET /v1/me` tells which.',
    detail: 'Somebody else has to approve it, too.',
    retryable: false,
  },
});
