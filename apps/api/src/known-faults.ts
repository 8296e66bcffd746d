import { InvalidViewQuery, LaneUnavailable } from '@strata/event-store';
import { invalidRequest, problem, type Refused } from '@strata/http';

/** Connection lost or refused, server going away, too busy, or too slow: SQLSTATE classes and codes of Node. */
const away = /^(?:08...|53...|57...|58...|25P0.|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|ENOENT)$/;

/** What `pg` says where it gives no code. */
const sayings = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Query read timeout',
  // It ended between two queries.
  'Client has encountered a connection error',
  'Client was closed',
];

const isDatabaseAway = (fault: Error): boolean => {
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined;
  return code === undefined ? sayings.some((saying) => fault.message.startsWith(saying)) : away.test(code);
};

/** Faults of the edges that have an answer; all others are `500 internal`, with their details in the log only. */
export const knownFaults = (fault: unknown): Refused | undefined => {
  if (fault instanceof LaneUnavailable) {
    return problem('unavailable', { reason: fault.message, retryAfterSeconds: fault.retryAfterSeconds });
  }
  if (fault instanceof InvalidViewQuery) {
    return invalidRequest({ pointer: `/query/${fault.column}`, detail: fault.reason });
  }
  if (!(fault instanceof Error && isDatabaseAway(fault))) return undefined;
  return problem('unavailable', { reason: 'the database does not answer now', retryAfterSeconds: 1 });
};
