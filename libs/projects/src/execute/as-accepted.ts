import type { EventStore, LoadedStream, Sight } from '@strata/event-store';
import { problem } from '@strata/http';
import type { StreamId } from '@strata/kernel';
import type { Accepted } from './answered.js';

/**
 * What an accepted command left, read from its stream: as it is now. Of a request that was accepted before, and whose resource is
 * gone since, as it was then. `read` answers undefined for what is not there.
 */
export const asAccepted = async <Shown>(
  store: EventStore,
  from: { readonly sight: Sight; readonly stream: StreamId },
  { position, replayed }: Pick<Accepted, 'position' | 'replayed'>,
  read: (stream: LoadedStream | undefined) => Shown | undefined | Promise<Shown | undefined>,
): Promise<Shown> => {
  const { sight, stream } = from;
  const asOf = async (upTo?: number) => read((await store.load({ sight, streams: [stream], upTo })).streams[0]);
  const shown = (await asOf()) ?? (replayed ? await asOf(position) : undefined);
  if (shown === undefined) throw problem('not-found');
  return shown;
};
