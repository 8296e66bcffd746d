import type { Test } from './cloud-operation.ts';

const inFile =
  (file: string) =>
  (title: string): Test => ({ file, title });

/** The files in which the calls of the adapters are tested. */
export const evsCall = inFile('libs/cloud/src/evs/evs-calls.spec.ts');
export const lostAnswer = inFile('libs/cloud/src/contract/lost-answers-contract.ts');
export const anyCloud = inFile('libs/cloud/src/contract/disk-cloud-contract.ts');
export const attachment = inFile('libs/cloud/src/contract/attachment-contract.ts');
export const snapshot = inFile('libs/cloud/src/contract/snapshot-contract.ts');
export const retype = inFile('libs/cloud/src/contract/retype-contract.ts');
export const transfer = inFile('libs/cloud/src/contract/transfer-contract.ts');
export const cinderCall = inFile('libs/cloud/src/openstack/openstack-calls.spec.ts');
export const cinderList = inFile('libs/cloud/src/openstack/openstack-lists.spec.ts');
export const imageOfDisk = inFile('libs/cloud/src/evs/evs-image-cloud.spec.ts');
export const imageList = inFile('libs/cloud/src/evs/images/query-images.spec.ts');
export const cinderSnapshot = inFile('libs/cloud/src/openstack/openstack-snapshots.spec.ts');
export const glanceImage = inFile('libs/cloud/src/openstack/openstack-images.spec.ts');
