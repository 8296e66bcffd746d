import { diskRules } from '../disk-rules.js';
import { withFindings } from '../finding-rules.js';
import { createVerb } from '../request-disk/create-disk.rules.js';

const ofDisk = diskRules({
  ...createVerb,
  kind: 'disk.recreate',
  again: (_input, work) => ({ type: 'RequestRecreation', work }),
});

/** What was missing is so no more: another one has its place. */
export const recreateDiskRules = withFindings(ofDisk, {
  concerns: () => true,
  told: () => ({ type: 'RecordSettled', kind: 'missing' }),
});
