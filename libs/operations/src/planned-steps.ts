import { unreachable } from '@strata/kernel';
import { isNotBegun, type PlannedStep } from './operation/index.js';
import type { OperationRecord, PartStep, ShownStep } from './operation.record.js';

/**
 * The steps as users follow them: those of its plan, as its parts tell how far each is; else its own. A part that is not among
 * `parts` was not begun as far as they tell.
 */
export const stepsOf = (
  { state: { plan }, steps }: OperationRecord,
  parts: readonly OperationRecord[] = [],
): readonly ShownStep[] => {
  const byId = new Map(parts.map((part) => [part.id, part]));
  if (plan === undefined) return steps;
  return plan.map(({ name, target, operationId }) => ({
    name,
    target,
    operationId,
    ...standingOf(byId.get(operationId)),
  }));
};

type Standing = Omit<PartStep, keyof PlannedStep>;

const standingOf = (part: OperationRecord | undefined): Standing => {
  if (part === undefined) return { status: 'pending', startedAt: null, endedAt: null, cloudRequestId: null };
  const { startedAt, endedAt, steps } = part;
  const cloudRequestId = steps.findLast((step) => step.cloudRequestId !== null)?.cloudRequestId ?? null;
  return { status: statusOf(part), startedAt, endedAt, cloudRequestId };
};

const statusOf = ({ state }: OperationRecord): PartStep['status'] => {
  switch (state.status) {
    case 'queued':
      return 'pending';
    case 'failed':
      return isNotBegun(state.error) ? 'not-begun' : 'failed';
    case 'running':
    case 'succeeded':
    case 'cancelled':
      return state.status;
    default:
      return unreachable(state);
  }
};
