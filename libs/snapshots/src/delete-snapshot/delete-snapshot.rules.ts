import { SnapshotInput } from '../snapshot-inputs.js';
import { snapshotRules } from '../snapshot-rules.js';

/** Its disk may be busy with something else, but for a change of its type. */
export const deleteSnapshotRules = snapshotRules({
  kind: 'snapshot.delete',
  absence: 'one-look',
  deadlineMs: 60 * 60_000,
  withDisk: true,
  done: ({ operationId, input }) => ({
    snapshot: { type: 'RecordDeleted', operationId },
    disk: { type: 'RecordSnapshotRemoved', snapshotId: SnapshotInput.parse(input).snapshotId },
  }),
  failed: ({ operationId, input }, fault, left) => {
    const broken = left['broken'] === true;
    const { snapshotId } = SnapshotInput.parse(input);
    return {
      snapshot: { type: 'RecordFailed', operationId, fault, broken },
      disk: { type: 'RecordSnapshotStayed', snapshotId, stuck: broken },
    };
  },
  again: (input, work) => ({
    snapshot: { type: 'RequestDeletion', work },
    disk: { type: 'RequestSnapshotDeletion', snapshotId: SnapshotInput.parse(input).snapshotId },
  }),
});
