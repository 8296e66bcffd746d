import { RetypeInput } from '../disk-inputs.js';
import { diskRules } from '../disk-rules.js';
import type { DiskFault } from '../disk/index.js';

/** What may have been sent may still be under way: only a look at the disk tells. */
const mayGoOn = ({ code }: DiskFault): boolean => code === 'outcome-unknown';

export const retypeDiskRules = diskRules({
  kind: 'disk.retype',
  sends: true,
  absence: 'one-look',
  /** It may wait for others to end, and then take hours itself (EVS reference §1.5). */
  deadlineMs: 24 * 60 * 60_000,
  done: (operationId) => ({ type: 'RecordRetyped', operationId }),
  failed: (operationId, fault) => ({ type: 'RecordFailed', operationId, fault, broken: mayGoOn(fault) }),
  again: (input, work) => ({ type: 'RequestRetype', diskType: RetypeInput.parse(input).type, work }),
});
