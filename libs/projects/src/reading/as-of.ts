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

/** No log is older or younger; and years before 1 or after 9999 cannot be written as RFC 3339. */
const [earliest, latest] = [Date.UTC(2000, 0, 1), Date.UTC(9999, 11, 31)];

const withinReach = (time: Date): Date => new Date(Math.min(Math.max(time.getTime(), earliest), latest));

/** RFC 3339 with milliseconds, as answers write times; the log keeps microseconds. */
export const inMilliseconds = (time: string): string => new Date(time).toISOString();
