import { diskRules } from '../disk-rules.js';
import { AttachInput } from '../disk-inputs.js';
import { Attachment } from '../disk/disk.events.js';

export const attachDiskRules = diskRules({
  kind: 'disk.attach',
  sends: true,
  absence: 'one-look',
  deadlineMs: 30 * 60_000,
  done: (operationId, outcome, input) => ({
    type: 'RecordAttached',
    operationId,
    serverId: AttachInput.parse(input).serverId,
    device: Attachment.shape.device.parse(outcome['device'] ?? null),
  }),
  failed: (operationId, fault) => ({ type: 'RecordFailed', operationId, fault, broken: false }),
  again: (input, work) => {
    const { serverId, device } = AttachInput.parse(input);
    return { type: 'RequestAttachment', serverId, device, work };
  },
});
