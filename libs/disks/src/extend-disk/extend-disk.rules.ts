import { diskRules } from '../disk-rules.js';
import { seenIn } from '../disk-sighting.js';
import { ExtendInput } from '../disk-inputs.js';

export const extendDiskRules = diskRules({
  kind: 'disk.extend',
  sends: true,
  absence: 'one-look',
  deadlineMs: 60 * 60_000,
  done: (operationId, _outcome, input) => ({
    type: 'RecordExtended',
    operationId,
    sizeGiB: ExtendInput.parse(input).sizeGiB,
  }),
  failed: (operationId, fault, left) => ({
    type: 'RecordFailed',
    operationId,
    fault,
    broken: left['broken'] === true,
    ...seenIn(left),
  }),
  again: (input, work) => ({ type: 'RequestExtension', sizeGiB: ExtendInput.parse(input).sizeGiB, work }),
});
