import { diskRules } from '../disk-rules.js';

export const deleteDiskRules = diskRules({
  kind: 'disk.delete',
  sends: true,
  absence: 'one-look',
  deadlineMs: 60 * 60_000,
  done: (operationId) => ({ type: 'RecordDeleted', operationId }),
  failed: (operationId, fault) => ({ type: 'RecordFailed', operationId, fault, broken: false }),
  again: (_input, work) => ({ type: 'RequestDeletion', work }),
});
