import type { EventStore, RecordedEvent, Sight } from '@strata/event-store';
import type { ProjectId, StreamId } from '@strata/kernel';
import { isTerminalEvent, targetIds } from '../operation/index.js';
import type { FoundOperation } from '../operation-reader.js';
import { endsParticipation } from '../participation.record.js';

/** Which events are told, in the order of the log. */
export interface EventScope {
  readonly sight: Sight;
  readonly projectId?: ProjectId | undefined;
  readonly operationId?: string | undefined;
  /** Those of them that belong; all when left out. */
  readonly keeps?: ((event: RecordedEvent) => boolean) | undefined;
  /** Nothing more is told after the terminal event of this operation's stream. */
  readonly endsWith?: StreamId | undefined;
}

/**
 * An operation and its parts. A part was requested, and can be cancelled, in appends of the operation that it belongs to: of
 * those it has what stands in its own stream and in those of what it works on.
 */
export const scopeOfOperation = (
  sight: Sight,
  { record: { id, target, state }, stream: own }: Pick<FoundOperation, 'record' | 'stream'>,
): EventScope => {
  if (state.partOf === null) return { sight, operationId: id, endsWith: own };
  const streams = new Set<StreamId>([own, ...targetIds(target).map((each) => `${target.type}-${each}` as StreamId)]);
  return { sight, operationId: state.partOf, keeps: ({ stream }) => streams.has(stream), endsWith: own };
};

export const isLastOf = ({ endsWith }: EventScope, { stream, type }: RecordedEvent): boolean =>
  stream === endsWith && (isTerminalEvent(type) || endsParticipation(type));

export interface EventsRead {
  readonly events: readonly RecordedEvent[];
  /** Everything of the scope up to here is told. */
  readonly through: number;
  /** There may be more before the bound. */
  readonly more: boolean;
}

/** Most that is read of the log for one page of what is kept. */
const mostReads = 20;

/** At most `limit` events after a position and up to another. */
export const readEvents = async (
  store: EventStore,
  { sight, projectId, operationId, keeps = () => true }: EventScope,
  after: number,
  upTo: number,
  limit: number,
): Promise<EventsRead> => {
  const events: RecordedEvent[] = [];
  let through = after;
  for (let reads = 0; reads < mostReads; reads++) {
    const page = await store.read({ sight, projectId, operationId, after: through, upTo, limit });
    for (const event of page) {
      if (events.length === limit) return { events, through, more: true };
      if (keeps(event)) events.push(event);
      through = event.position;
    }
    if (page.length < limit) return { events, through: Math.max(through, upTo), more: false };
    if (events.length === limit) return { events, through, more: through < upTo };
  }
  return { events, through, more: true };
};
