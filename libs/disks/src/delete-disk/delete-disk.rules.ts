import { DeleteInput } from '../disk-inputs.js';
import { diskRules } from '../disk-rules.js';
import { seenIn } from '../disk-sighting.js';
import { endingFindings } from '../finding-rules.js';

const ofDisk = diskRules({
  kind: 'disk.delete',
  sends: true,
  absence: 'one-look',
  deadlineMs: 60 * 60_000,
  done: (operationId) => ({ type: 'RecordDeleted', operationId }),
  failed: (operationId, fault, left) => ({
    type: 'RecordFailed',
    operationId,
    fault,
    broken: left['broken'] === true,
    ...seenIn(left),
  }),
  again: (input, work, notBefore) => ({
    type: 'RequestDeletion',
    snapshots: DeleteInput.parse(input).snapshotIds ?? [],
    notBefore,
    work,
  }),
});

export const deleteDiskRules = endingFindings(ofDisk);
