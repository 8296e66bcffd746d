import { ImageInput } from '../disk-inputs.js';
import { diskRules } from '../disk-rules.js';

const imageIdIn = ({ imageId }: { readonly [member: string]: unknown }): string =>
  typeof imageId === 'string' ? imageId : '';

/**
 * A second send would make a second image, and images carry no marker: it is sent once, and what no look has shown ends as
 * `outcome-unknown`. The disk is only read.
 */
export const imageDiskRules = diskRules({
  kind: 'disk.image',
  sends: true,
  absence: 'unprovable',
  deadlineMs: 6 * 60 * 60_000,
  done: (operationId, outcome) => ({ type: 'RecordImageMade', operationId, imageId: imageIdIn(outcome) }),
  failed: (operationId, fault) => ({ type: 'RecordFailed', operationId, fault, broken: false }),
  result: (outcome) => ({ imageId: imageIdIn(outcome) }),
  again: (input, work) => ({ type: 'RequestImage', name: ImageInput.parse(input).name, work }),
});
