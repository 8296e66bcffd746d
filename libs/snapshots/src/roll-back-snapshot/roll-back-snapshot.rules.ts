import { seenIn } from '@strata/disks';
import type { JsonObject } from '@strata/kernel';
import { RollBackInput } from '../snapshot-inputs.js';
import { snapshotRules } from '../snapshot-rules.js';
import type { SnapshotFault } from '../snapshot/index.js';

/** What was sent and not seen to its end may still be under way: only a look at the disk tells. */
const unseen = new Set(['outcome-unknown', 'stuck-in-cloud']);

const leftBy = ({ code }: SnapshotFault, left: JsonObject) => {
  if (code === 'outcome-unknown' || (unseen.has(code) && left['broken'] === true)) return 'unknown';
  return left['broken'] === true ? 'broken' : 'as-it-was';
};

/** It destroys what was written since: sent once (architecture §3). */
export const rollBackSnapshotRules = snapshotRules({
  kind: 'snapshot.rollback',
  absence: 'unprovable',
  deadlineMs: 120 * 60_000,
  withDisk: true,
  done: ({ operationId }) => ({
    snapshot: { type: 'RecordRolledBack', operationId },
    disk: { type: 'RecordRolledBack', operationId },
  }),
  failed: ({ operationId }, fault, left) => ({
    snapshot: { type: 'RecordFailed', operationId, fault, broken: false },
    disk: { type: 'RecordRollbackFailed', operationId, fault, left: leftBy(fault, left), ...seenIn(left) },
  }),
  again: (input, work, disk) => ({
    snapshot: { type: 'RequestRollback', work },
    disk: { type: 'RequestRollback', snapshotId: RollBackInput.parse(input).snapshotId, work },
    input: { ...input, wasBroken: disk.life === 'in-cloud' && disk.condition === 'error-rolling-back' },
  }),
});
