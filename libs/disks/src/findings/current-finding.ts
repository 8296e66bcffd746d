import { everything, type EventStore } from '@strata/event-store';
import { Answer, problem } from '@strata/http';
import type { FindingId, StreamId } from '@strata/kernel';
import { showFinding } from './finding.resource.js';
import { findingIn } from './findings.projection.js';

interface Told {
  readonly status?: number;
  readonly location?: string;
  readonly position?: number;
  readonly replayed?: boolean;
}

/** A finding as its stream tells it now. @throws the problem `not-found` */
export const answerFinding = async (
  store: EventStore,
  { stream, findingId }: { readonly stream: StreamId; readonly findingId: FindingId },
  { status = 200, ...told }: Told = {},
): Promise<Answer> => {
  const { streams, head } = await store.load({ sight: everything, streams: [stream] });
  const record = findingIn(streams[0]?.events ?? [], findingId);
  if (record === undefined) throw problem('not-found');
  return new Answer(status, showFinding(record), { position: head, etag: streams[0]?.version, ...told });
};
