import { everything, type EventStore } from '@strata/event-store';
import { historyOf } from '../operation/operation.history.js';
import { isOpen, type OpenOperation } from '../operation/operation.js';
import { nothingAhead, type Ahead } from './plan-step.js';

/** How it stands with what goes before an operation; nothing does once it was begun. */
export const aheadOf = async (store: EventStore, { status, after }: OpenOperation): Promise<Ahead> => {
  if (status !== 'queued' || after === undefined) return nothingAhead;
  const [stream] = (await store.load({ sight: everything, streams: [`operation-${after}`] })).streams;
  if (stream === undefined) throw new Error(`operation ${after} is gone from the log`);
  const { operation, events } = historyOf(stream);
  if (isOpen(operation)) return { ahead: 'open' };
  const last = events.at(-1);
  return operation.status === 'succeeded' && last !== undefined
    ? { ahead: 'succeeded', endedAtMs: Date.parse(last.recordedAt) }
    : { ahead: 'failed' };
};
