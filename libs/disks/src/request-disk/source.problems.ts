import { defineProblems } from '@strata/http';

/** What stands against what a disk is to be made of. */
export const sourceProblems = defineProblems({
  'snapshot-busy': {
    status: 409,
    title: 'An operation works on the snapshot',
    explanation:
      'A snapshot has at most one open operation. `blockers` names it: wait for its end, or cancel it if it can be cancelled.',
    detail: 'Wait for the end of {blockers}, or cancel it.',
    retryable: true,
  },
  'snapshot-not-ready': {
    status: 409,
    title: 'The state of the snapshot does not allow this',
    explanation:
      '`snapshotStatus` is its state, `allowed` what can be asked of it now; the same stands in `allowedActions` of the snapshot.',
    detail: 'The snapshot is {snapshotStatus}; what can be asked of it now: {allowed}.',
    retryable: false,
  },
  'snapshot-does-not-fit': {
    status: 400,
    title: 'No such disk can be made from the snapshot',
    explanation:
      'A disk that is made from a snapshot has at least `leastGiB`, and the type and the zone of the disk that the snapshot was ' +
      'taken of: `diskType`, `availabilityZone`. From a snapshot that backups left for themselves none is made. `errors` says ' +
      'which member differs.',
    detail: '{errors}.',
    retryable: false,
  },
  'image-unknown': {
    status: 400,
    title: 'The cloud project sees no such image',
    explanation:
      'Of the images of the cloud, a project can use those that its binding’s cloud project sees: public ones, its own, and ' +
      'those that were shared with it and accepted. They stand at `/v1/projects/{project}/images`; a new one is known within a ' +
      'minute or two.',
    detail: 'Choose one of the images that the project lists.',
    retryable: false,
  },
  'image-not-ready': {
    status: 409,
    title: 'The image is not active',
    explanation:
      'Disks are made of active images only. `imageStatus` says how the cloud shows it: `pending` ones may become active.',
    detail: 'The cloud shows the image as {imageStatus}: wait until it is active, or choose another one.',
    retryable: true,
  },
  'image-does-not-fit': {
    status: 400,
    title: 'No such disk can be made of the image',
    explanation:
      'A disk that is made of this image has `leastGiB` to `mostGiB`. System disks cannot be shareable, and of images for ' +
      'bare-metal servers and installations no disk is made. `errors` says which member differs.',
    detail: '{errors}.',
    retryable: false,
  },
});
