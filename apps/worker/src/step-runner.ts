import type { DiskCloud } from '@strata/cloud';
import { runStep, type StepPorts } from '@strata/operations';
import type { OperationSchedule, StepJob } from '@strata/queue';

export interface StepRunnerPorts {
  readonly schedule: OperationSchedule;
  readonly leaseMs: number;
  readonly step: Omit<StepPorts<DiskCloud>, 'stillMine'>;
}

/** Runs one job: under its lease, renewed while the step lasts, and settled at its end. */
export const stepRunner =
  ({ schedule, leaseMs, step }: StepRunnerPorts) =>
  async ({ operationId, leaseId }: StepJob, signal: AbortSignal): Promise<void> => {
    const memory = await schedule.recall(operationId, leaseId);
    if (memory === undefined) return;
    const renewal = setInterval(() => {
      // A renewal that fails costs the lease, and with it at most the same step once more: intents guard the effects.
      schedule.renew(operationId, leaseId, leaseMs).catch(() => undefined);
    }, leaseMs / 3);
    try {
      const stillMine = async () => !signal.aborted && (await schedule.renew(operationId, leaseId, leaseMs));
      const after = await runStep({ ...step, stillMine }, operationId, memory);
      await schedule.settle(operationId, leaseId, after);
      await step.passed('settled', operationId);
    } finally {
      clearInterval(renewal);
    }
  };
