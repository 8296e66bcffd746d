import type { DiskCloud } from '@strata/cloud';
import { runStep, type StepPorts } from '@strata/operations';
import type { OperationSchedule, StepJob } from '@strata/queue';

export interface StepRunnerPorts {
  readonly schedule: OperationSchedule;
  readonly leaseMs: number;
  readonly step: Omit<StepPorts<DiskCloud>, 'stillMine' | 'nowMs' | 'heldBy'>;
  /** Aborted as soon as the worker begins to stop, long before its steps are broken off; absent: it does not. */
  readonly stopping?: AbortSignal;
}

/** A write is begun only while the lease holds for at least this much longer, in ms. */
const leaseMarginMs = 100;

/** Runs one job: under its lease, renewed while the step lasts, and settled at its end. */
export const stepRunner =
  ({ schedule, leaseMs, step, stopping }: StepRunnerPorts) =>
  async ({ operationId, leaseId }: StepJob, signal: AbortSignal): Promise<void> => {
    const askedAtMs = step.monotonicMs();
    const memory = await schedule.recall(operationId, leaseId);
    if (memory === undefined) return;
    let heldUntilMs = askedAtMs + memory.leaseLeftMs;
    const renew = async (): Promise<boolean> => {
      const renewedAtMs = step.monotonicMs();
      const renewed = await schedule.renew(operationId, leaseId, leaseMs);
      if (renewed) heldUntilMs = renewedAtMs + leaseMs;
      return renewed;
    };
    // The job waited long in the queue: a step on the rest of its lease would record an intent and not dare to send.
    if (memory.leaseLeftMs < leaseMs / 2 && !(await renew())) return;
    // A renewal that fails costs the lease, and with it at most the same step once more: intents guard the effects.
    const renewal = setInterval(() => void renew().catch(() => undefined), leaseMs / 3);
    try {
      let intended = false;
      const passed: typeof step.passed = (point, id) => {
        intended ||= point === 'intent-recorded';
        return step.passed(point, id);
      };
      // An intent that is not acted upon costs the quiet period: what has one when the worker begins to stop has its time to send.
      const mayGoOn = () => !signal.aborted && (intended || !stopping?.aborted);
      const stillMine = () => mayGoOn() && step.monotonicMs() < heldUntilMs - leaseMarginMs;
      // What the log timed is compared with the log's own clock: this host's may be wrong.
      const nowMs = () => memory.nowMs + (step.monotonicMs() - askedAtMs);
      const heldBy = () => schedule.heldBy(operationId);
      const after = await runStep({ ...step, passed, stillMine, nowMs, heldBy }, operationId, memory);
      if (after === 'gone') await schedule.drop(operationId, leaseId);
      else if (after !== null) await schedule.settle(operationId, leaseId, after);
      await step.passed('settled', operationId);
    } finally {
      clearInterval(renewal);
    }
  };
