import type { EventStore } from '@strata/event-store';
import { invalidRequest, type AsOf } from '@strata/http';

/** `?asOf=` as a position of the log; undefined for now. A time is the last position recorded until then, 0 before the log began. */
export const positionOf = async (store: EventStore, asOf: AsOf | undefined): Promise<number | undefined> => {
  if (asOf === undefined) return undefined;
  if (asOf.at === 'time') return store.positionAt(asOf.time);
  const { position } = await store.head();
  if (asOf.position > position) {
    throw invalidRequest({ pointer: '/query/asOf', detail: 'lies beyond the head of the log' });
  }
  return asOf.position;
};

/** RFC 3339 with milliseconds, as answers write times; the log keeps microseconds. */
export const inMilliseconds = (time: string): string => new Date(time).toISOString();
