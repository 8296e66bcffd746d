import type { EventStore } from '@strata/event-store';
import { invalidRequest, type AsOf, type Refused } from '@strata/http';

/** Nothing can be said of what is written until then, and waiting for it may take for ever. */
export const beyondTheHead = (pointer: string): Refused =>
  invalidRequest({ pointer, detail: 'must be a position that the log has reached' });

/** `?asOf=` as a position of the log; undefined for now. A time is the last position recorded until the end of its millisecond, 0 before the log began. */
export const positionOf = async (store: EventStore, asOf: AsOf | undefined): Promise<number | undefined> => {
  if (asOf === undefined) return undefined;
  if (asOf.at === 'time') return store.positionAt(withinReach(asOf.time));
  const { position } = await store.head();
  if (asOf.position > position) throw beyondTheHead('/query/asOf');
  return asOf.position;
};

/** No log is older; and years before 1 cannot be written as RFC 3339. */
const earliest = Date.UTC(2000, 0, 1);

/** So much may the clocks of callers, or of the database, be ahead of the one here. */
const leewayMs = 5 * 60_000;

const withinReach = (time: Date): Date => {
  if (time.getTime() > Date.now() + leewayMs)
    throw invalidRequest({ pointer: '/query/asOf', detail: 'must not lie in the future' });
  return new Date(Math.max(time.getTime(), earliest));
};

/** RFC 3339 with milliseconds, as answers write times; the log keeps microseconds. */
export const inMilliseconds = (time: string): string => new Date(time).toISOString();
