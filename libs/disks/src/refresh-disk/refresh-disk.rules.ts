import { DiskSighting } from '../disk/disk.events.js';
import { diskRules } from '../disk-rules.js';
import { withFindings } from '../finding-rules.js';

const ofDisk = diskRules({
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

/** Whoever asks for it has the log say what the cloud shows, whoever changed it there. */
export const refreshDiskRules = withFindings(ofDisk, {
  concerns: () => true,
  told: ({ sighting }) => (sighting === null ? undefined : { type: 'RecordSettled', kind: 'changed' }),
});
