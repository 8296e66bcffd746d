import { diskRules } from '../disk-rules.js';
import { ChangeInput } from '../disk-inputs.js';
import { withFindings } from '../finding-rules.js';

const ofDisk = diskRules({
  kind: 'disk.update',
  sends: true,
  absence: 'one-look',
  deadlineMs: 15 * 60_000,
  done: (operationId, _outcome, input) => ({
    type: 'RecordChanged',
    operationId,
    change: ChangeInput.parse(input).change,
  }),
  failed: (operationId, fault) => ({ type: 'RecordFailed', operationId, fault, broken: false }),
  again: (input, work) => ({ type: 'RequestChange', change: ChangeInput.parse(input).change, work }),
});

export const changeDiskRules = withFindings(ofDisk, {
  concerns: (input) => ChangeInput.parse(input).findingId !== undefined,
  told: (_outcome, input) => {
    const { findingId } = ChangeInput.parse(input);
    return findingId && { type: 'RecordPutBack', findingId };
  },
});
