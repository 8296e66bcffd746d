import type { DiskCloud } from '@strata/cloud';
import type { StepPorts } from '@strata/operations';
import { fullPatience } from './moved-clock.js';

/** Five looks for a lost effect are enough then. */
const betweenLooksMs = 30_000;

/**
 * Time for every answer, however long a machine stands still, but up to the first write where that hangs. Each look for a lost
 * effect moves the clock on, the one of `change` where it brings its own: nobody waits for minutes. For one worker alone: the
 * clock of another knows nothing of it, and would give up too early. Who replaces `passed` or `nowMs` in what comes of it waits
 * for those minutes.
 */
export const patientWork = (
  hangs: () => boolean,
  change: Partial<StepPorts<DiskCloud>> = {},
): Partial<StepPorts<DiskCloud>> => {
  const { nowMs = () => Date.now(), passed = () => Promise.resolve() } = change;
  let aheadMs = 0;
  let hung = false;
  return {
    patienceOf: () => (hangs() && !hung ? { ...fullPatience, requestTimeoutMs: 500 } : fullPatience),
    ...change,
    nowMs: () => nowMs() + aheadMs,
    passed: async (point, operationId) => {
      hung ||= point === 'write-sent';
      if (point === 'effect-looked-up') aheadMs += betweenLooksMs;
      await passed(point, operationId);
    },
  };
};
