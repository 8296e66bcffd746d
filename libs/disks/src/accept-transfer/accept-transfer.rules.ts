import { refuse } from '@strata/kernel';
import type { KindRules } from '@strata/operations';

/** On one cloud project nothing is asked of the cloud: it has succeeded when it is accepted. */
export const transferDiskRules: KindRules = {
  kind: 'disk.transfer',
  sends: false,
  absence: 'one-look',
  deadlineMs: 10 * 60_000,
  streams: () => [],
  conclude: () => ({ streams: [], result: {} }),
  retry: () => refuse({ type: 'not-found' }),
};
