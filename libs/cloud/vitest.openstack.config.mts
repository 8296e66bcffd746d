import { strataVitest } from '../../vitest.shared.mjs';

/**
 * The contract on a real OpenStack cloud, which the environment names as any OpenStack client's does (`OS_AUTH_URL` …), with a
 * second project that receives disks (`OS_RECEIVER_PROJECT_NAME` …): docs/openstack.md.
 */
export default strataVitest({ include: ['src/**/*.openstack.ts'], fileParallelism: false, testTimeout: 300_000 });
