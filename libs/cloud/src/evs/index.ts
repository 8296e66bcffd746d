export { EvsDiskCloud } from './evs-disk-cloud.js';
export type { EvsOptions } from './evs.client.js';
