import { DiskSighting } from '../disk/disk.events.js';
import { diskRules } from '../disk-rules.js';

export const refreshDiskRules = diskRules({
  kind: 'disk.refresh',
  sends: false,
  absence: 'one-look',
  deadlineMs: 10 * 60_000,
  done: (operationId, outcome) => ({
    type: 'RecordSeen',
    operationId,
    sighting: outcome['sighting'] === null ? null : DiskSighting.parse(outcome['sighting']),
  }),
  failed: (operationId, fault) => ({ type: 'RecordFailed', operationId, fault, broken: false }),
  again: (_input, work) => ({ type: 'RequestRefresh', work }),
});
