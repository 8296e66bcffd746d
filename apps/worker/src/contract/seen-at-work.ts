import type { DiskCloud } from '@strata/cloud';
import type { StepPorts } from '@strata/operations';
import type { WorkUnderTest } from './work-under-test.js';

/**
 * From here on the cloud's clock stands, and goes on by what a job takes after each look: whatever the pace of the machine,
 * the first look sees the cloud at work, and the second sees it done.
 */
export const seenAtWork = async (work: WorkUnderTest): Promise<StepPorts<DiskCloud>> => {
  const jobMs = 1_000;
  await work.simulate('latency', { jobMs });
  await work.simulate('clock', { rate: 0 });
  return work.patiently({
    passed: async (point) => {
      if (point === 'cloud-looked-at') await work.simulate('clock', { advanceMs: jobMs });
    },
  });
};
