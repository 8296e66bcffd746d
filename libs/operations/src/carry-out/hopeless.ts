import type { CloudFault } from '@strata/cloud';
import type { Found, KindRules } from '../kind.js';
import { cloudFailed, outcomeUnknown } from '../operation/operation.errors.js';
import type { OperationError } from '../operation/operation.events.js';

/** Attempts whose effect was undone each time: with what each adds to the log an operation stays under fifty events. */
const mostUndone = 12;

/** Why what is not there is not attempted once more; null: it is. `looks`: how many had to be empty before. */
export const hopeless = (
  attempt: number,
  { undone }: Extract<Found, { found: false }>,
  looks: number,
  { absence }: Pick<KindRules, 'absence'>,
): OperationError | null => {
  if (undone) return attempt < mostUndone ? null : cloudFailed(neverTaken);
  return looks > 0 && absence === 'unprovable' ? outcomeUnknown() : null;
};

const neverTaken: CloudFault = {
  code: 'never-taken',
  message: `the cloud did not take what was undone ${mostUndone} times`,
  requestId: null,
};
