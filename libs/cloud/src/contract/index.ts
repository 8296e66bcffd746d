export { diskCloudContract, type Capabilities } from './disk-cloud-contract.js';
export { faultyCloudContract } from './faulty-cloud-contract.js';
export type { CloudOnTrial, CloudSwitches, Fault, FaultyCall, SwitchableCloud } from './trial.js';
export { attachmentContract, faultyAttachmentContract, type WithServers } from './attachment-contract.js';
export { retypeContract, type WithTypes } from './retype-contract.js';
export { snapshotContract, type WithSnapshots } from './snapshot-contract.js';
export { imageContract, type WithImages } from './image-contract.js';
export { faultyTransferContract, transferContract, type WithReceiver } from './transfer-contract.js';
