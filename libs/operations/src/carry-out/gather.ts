import { everything, type EventStore } from '@strata/event-store';
import type { JsonObject } from '@strata/kernel';
import { canBeRetried, partialFailure } from '../operation/operation.errors.js';
import { historyOf, type OperationHistory } from '../operation/operation.history.js';
import { isOpen, targetIds, type Operation } from '../operation/operation.js';
import type { OperationCase } from './operation-case.js';

/** Ends a batch when all of its parts have ended. False while some are open. */
export const gather = async (store: EventStore, batch: OperationCase): Promise<boolean> => {
  const streams = batch.known.parts.map((id) => `operation-${id}` as const);
  const loaded = (await store.load({ sight: everything, streams })).streams;
  const histories = loaded.map(historyOf);
  const parts = histories.map(({ operation }) => operation);
  if (batch.known.status === 'queued' && parts.some(({ status }) => status !== 'queued'))
    await batch.report({ type: 'Begin' });
  if (parts.some(isOpen)) return false;
  const outcome: JsonObject = { parts: histories.map(partOutcome) };
  const left = parts.filter(({ status }) => status !== 'succeeded');
  const cancelled = left.filter(isCancelled).length;
  if (left.length === 0) await batch.end({ end: 'succeeded', outcome });
  else if (batch.known.status === 'running' && batch.known.cancelRequested && cancelled === parts.length)
    await batch.end({ end: 'cancelled' });
  else
    await batch.end({
      end: 'failed',
      error: partialFailure(
        { failed: left.length - cancelled, cancelled, all: parts.length },
        canBeTriedAgain(batch.known, left),
      ),
      left: outcome,
    });
  return true;
};

/** What goes in order needs all that is left of it: the rest would be done in vain. */
const canBeTriedAgain = ({ plan }: OperationCase['known'], left: readonly Operation[]): boolean =>
  plan === undefined ? left.some(canBeRetried) : left.every(canBeRetried);

const isCancelled = ({ status }: Operation): boolean => status === 'cancelled';

const partOutcome = ({ operation: part, events }: OperationHistory): JsonObject => {
  if (part.status === 'absent') return {};
  const { target, status } = part;
  const [id] = targetIds(target);
  const error = part.status === 'failed' ? { ...part.error } : null;
  const succeeded = events.find((event) => event.type === 'OperationSucceeded');
  return { type: target.type, id, status, error, result: succeeded?.data.result ?? null };
};
