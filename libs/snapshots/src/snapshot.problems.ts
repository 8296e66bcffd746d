import { diskProblems } from '@strata/disks';
import { defineProblems, platformProblems } from '@strata/http';

/** What the commands of snapshots may be refused with, beside what their disks refuse. */
export const snapshotProblems = defineProblems({
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
  'snapshot-in-use': {
    status: 409,
    title: 'A disk is being made from the snapshot',
    explanation:
      'While a disk is being made from it, a snapshot is neither deleted nor rolled back to. `blockers` names the disks: wait ' +
      'until they are there. Afterwards they do not need it any more.',
    detail: 'Wait until these are there: {blockers}.',
    retryable: true,
  },
  'snapshot-does-not-fit': {
    status: 400,
    title: 'No such disk can be made from the snapshot',
    explanation:
      'A disk that is made from a snapshot has at least `leastGiB`, and the type and the zone of the disk that the snapshot was ' +
      'taken of: `diskType`, `availabilityZone`. `errors` says which member differs.',
    detail: 'It takes at least {leastGiB} GiB of {diskType} in {availabilityZone}.',
    retryable: false,
  },
  'rollback-not-offered': {
    status: 409,
    title: 'The cloud of the project does not offer to roll back',
    explanation:
      'The binding of the project says that its cloud has no such call. Request a new disk from the snapshot instead, or have ' +
      'the platform team change the binding when the cloud offers it.',
    detail: 'Request a disk with this snapshot as its `source` instead.',
    retryable: false,
  },
});

/** With those of the disk that a command is about too, and those that every resource has. */
export const refusalsOfSnapshots = { ...diskProblems, ...snapshotProblems, 'not-found': platformProblems['not-found'] };
