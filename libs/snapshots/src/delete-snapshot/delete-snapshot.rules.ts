import { SnapshotInput } from '../snapshot-inputs.js';
import { snapshotRules } from '../snapshot-rules.js';

/** Its disk may be busy with something else, and hears of the end only. */
export const deleteSnapshotRules = snapshotRules({
  kind: 'snapshot.delete',
  absence: 'one-look',
  deadlineMs: 60 * 60_000,
  withDisk: true,
  done: ({ operationId, input }) => ({
    snapshot: { type: 'RecordDeleted', operationId },
    disk: { type: 'RecordSnapshotRemoved', snapshotId: SnapshotInput.parse(input).snapshotId },
  }),
  failed: ({ operationId }, fault, left) => ({
    snapshot: { type: 'RecordFailed', operationId, fault, broken: left['broken'] === true },
  }),
  again: (_input, work) => ({ snapshot: { type: 'RequestDeletion', work } }),
});
