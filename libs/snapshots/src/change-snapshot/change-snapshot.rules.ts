import { ChangeSnapshotInput } from '../snapshot-inputs.js';
import { snapshotRules } from '../snapshot-rules.js';

export const changeSnapshotRules = snapshotRules({
  kind: 'snapshot.update',
  absence: 'one-look',
  deadlineMs: 15 * 60_000,
  withDisk: false,
  done: ({ operationId, input }) => ({
    snapshot: { type: 'RecordChanged', operationId, change: ChangeSnapshotInput.parse(input).change },
  }),
  failed: ({ operationId }, fault) => ({ snapshot: { type: 'RecordFailed', operationId, fault, broken: false } }),
  again: (input, work) => ({
    snapshot: { type: 'RequestChange', change: ChangeSnapshotInput.parse(input).change, work },
  }),
});
