import type { DiskCloud } from '@strata/cloud';
import type { StepPorts } from '@strata/operations';
import { fullPatience } from './moved-clock.js';

/** Five looks for a lost effect are enough then. */
const betweenLooksMs = 30_000;

/**
 * Time for every answer, however long a machine stands still, but for what hangs. Each look for a lost effect moves the clock
 * on: nobody waits for minutes. For one worker alone: the clock of another knows nothing of it, and would give up too early.
 */
export const patientWork = (hangs: () => boolean): Pick<StepPorts<DiskCloud>, 'nowMs' | 'patienceOf' | 'passed'> => {
  let aheadMs = 0;
  return {
    nowMs: () => Date.now() + aheadMs,
    patienceOf: () => (hangs() ? { ...fullPatience, requestTimeoutMs: 500 } : fullPatience),
    passed: (point) => {
      if (point === 'effect-looked-up') aheadMs += betweenLooksMs;
      return Promise.resolve();
    },
  };
};
