export { OpenstackDiskCloud } from './openstack-disk-cloud.js';
export type { OpenstackOptions } from './openstack.client.js';
