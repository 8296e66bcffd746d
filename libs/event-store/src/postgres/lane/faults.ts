import { LaneUnavailable } from '../../append.js';

/** What an error says about a batch: whether it may be in the log, and what to do with it. */
export type Fault =
  /** The connection was lost, or the server went away in the middle: it may be committed. Send it again. */
  | 'unknown-outcome'
  /** It is not in the log; the database may take it later. */
  | 'unavailable'
  /** It is not in the log, and the same batch may succeed at once. */
  | 'try-again'
  /** Something in the batch cannot be stored (SQLSTATE 22, 23, or a limit of the server that one append went beyond). */
  | 'bad-data'
  /** It is not in the log, and never will be as it is. */
  | 'broken';

const sqlState = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined;
};

const isServerGoingAway = (state: string): boolean => /^(?:08|57P0)/.test(state);

export const faultOf = (error: unknown): Fault => {
  const state = sqlState(error);
  if (state === undefined || isServerGoingAway(state)) return 'unknown-outcome';
  if (/^(?:40001|40P01)$/.test(state)) return 'try-again';
  if (/^(?:53|57014|55P03|25006|25P03|58)/.test(state)) return 'unavailable';
  // No such function, no such right, a wrong mode of the connection: no part of the batch would fare better.
  if (/^(?:0A|25|28|3[DF]|42)/.test(state)) return 'broken';
  return 'bad-data';
};

const RETRY_AFTER_SECONDS = 5;

/** For whoever waits: no code, and no words of the database's own. */
export const outageReason = (cause: unknown): string => {
  switch (sqlState(cause)) {
    case '53100':
      return 'the disk of the database is full';
    case '25006':
      return 'the database can only be read';
    default:
      return 'the database does not answer now';
  }
};

export const laneUnavailable = (cause: unknown): LaneUnavailable =>
  new LaneUnavailable(outageReason(cause), RETRY_AFTER_SECONDS, { cause });

/** An error of a read: as it is, or `LaneUnavailable` when the database is away. */
export const unlessUnavailable = (cause: unknown): unknown => {
  const fault = faultOf(cause);
  return fault === 'unknown-outcome' || fault === 'unavailable' ? laneUnavailable(cause) : cause;
};
