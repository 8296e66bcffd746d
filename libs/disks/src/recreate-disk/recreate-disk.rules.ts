import { diskRules } from '../disk-rules.js';
import { createVerb } from '../request-disk/create-disk.rules.js';

export const recreateDiskRules = diskRules({
  ...createVerb,
  kind: 'disk.recreate',
  again: (_input, work) => ({ type: 'RequestRecreation', work }),
});
