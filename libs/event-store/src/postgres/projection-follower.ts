import type { RecordedEvent } from '../append.js';
import type { EventTypes } from '../event-types.js';
import type { FollowerTransaction, Projection } from '../follower.js';
import { foldEvents, handledBy, keysOf } from './projection-fold.js';
import { openRows, writeRows } from './projection-rows.js';

export type ProjectionHandler = (
  events: readonly RecordedEvent[],
  tx: FollowerTransaction,
  generation: number,
) => Promise<void>;

/** One query reads the rows that a batch touches, one ends rows, few make them. */
export const projectionHandler = (projection: Projection, types: EventTypes): ProjectionHandler => {
  const handled = handledBy(projection, types);
  return async (events, tx, generation) => {
    const toFold = handled(events);
    const before = await openRows(tx, projection, generation, keysOf(projection, toFold));
    await writeRows(tx, projection, generation, foldEvents(projection, toFold, before));
  };
};
