import type { EventStore, LoadedStream } from '@strata/event-store';
import type { AsOf, Caller } from '@strata/http';
import type { StreamId } from '@strata/kernel';
import { sightOf } from '../execute/grants.js';
import { positionOf } from './as-of.js';
import { insideTheLog } from './read-page.js';

/** Any `InputOf` of an authenticated read. */
export interface ReadRequest {
  readonly caller: Caller;
  readonly query: { readonly asOf?: AsOf | undefined };
  readonly minPosition: number | undefined;
}

/**
 * Up to where a read of the log itself is asked for; undefined for now.
 * @throws Refused when the log has no such position, or none such as `Strata-Min-Position` names.
 */
export const readUpTo = async (
  store: EventStore,
  { query, minPosition }: Omit<ReadRequest, 'caller'>,
): Promise<number | undefined> => {
  await insideTheLog(store, minPosition);
  return positionOf(store, query.asOf);
};

/** One stream as the caller sees it, now or then; `position` is up to where it tells. */
export const readStream = async (
  store: EventStore,
  request: ReadRequest,
  stream: StreamId,
): Promise<{ readonly stream: LoadedStream | undefined; readonly position: number }> => {
  const upTo = await readUpTo(store, request);
  const { streams, head } = await store.load({ sight: sightOf(request.caller), streams: [stream], upTo });
  return { stream: streams[0], position: upTo ?? head };
};
