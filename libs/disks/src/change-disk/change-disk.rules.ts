import { refuse } from '@strata/kernel';
import type { KindRules } from '@strata/operations';
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

const changed = withFindings(ofDisk, {
  concerns: (input) => ChangeInput.parse(input).findingId !== undefined,
  told: (_outcome, input) => {
    const { findingId, settled } = ChangeInput.parse(input);
    return findingId && { type: 'RecordPutBack', findingId, ...(settled && { settled }) };
  },
});

const repairAnew = 'repair the finding anew';

/** A repair writes what fits the finding and the disk as they were when it was asked for: both may be other ones by now. */
export const changeDiskRules: KindRules = {
  ...changed,
  instead: (input) => (ChangeInput.parse(input).findingId === undefined ? undefined : repairAnew),
  retry: (operation, ...again) =>
    ChangeInput.parse(operation.input).findingId === undefined
      ? changed.retry(operation, ...again)
      : refuse({ type: 'not-retryable', reason: `it was planned for what was found then: ${repairAnew}` }),
};
