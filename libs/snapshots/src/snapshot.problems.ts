import { refusalsOfDisks } from '@strata/disks';
import { defineProblems } from '@strata/http';

/** What the commands of snapshots may be refused with, beside what disks and their making are refused with. */
export const snapshotProblems = defineProblems({
  'snapshot-in-use': {
    status: 409,
    title: 'A disk is being made from the snapshot',
    explanation:
      'While a disk is being made from it, a snapshot is neither deleted nor rolled back to. `blockers` names the disks: wait ' +
      'until they are there. Afterwards they do not need it any more.',
    detail: 'Wait until these are there: {blockers}.',
    retryable: true,
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
export const refusalsOfSnapshots = { ...refusalsOfDisks, ...snapshotProblems };
