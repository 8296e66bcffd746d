import { diskRules } from '../disk-rules.js';
import { DetachInput } from '../disk-inputs.js';

export const detachDiskRules = diskRules({
  kind: 'disk.detach',
  sends: true,
  absence: 'one-look',
  deadlineMs: 30 * 60_000,
  done: (operationId, _outcome, input) => ({
    type: 'RecordDetached',
    operationId,
    serverId: DetachInput.parse(input).serverId,
  }),
  failed: (operationId, fault) => ({ type: 'RecordFailed', operationId, fault, broken: false }),
  again: (input, work) => ({ type: 'RequestDetachment', serverId: DetachInput.parse(input).serverId, work }),
});
