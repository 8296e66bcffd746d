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

/** One stream as the caller sees it, now or then; `position` is up to where it tells. */
export const readStream = async (
  store: EventStore,
  { caller, query, minPosition }: ReadRequest,
  stream: StreamId,
): Promise<{ readonly stream: LoadedStream | undefined; readonly position: number }> => {
  await insideTheLog(store, minPosition);
  const upTo = await positionOf(store, query.asOf);
  const { streams, head } = await store.load({ sight: sightOf(caller), streams: [stream], upTo });
  return { stream: streams[0], position: upTo ?? head };
};
