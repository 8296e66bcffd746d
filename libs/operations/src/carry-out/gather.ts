import { everything, type EventStore } from '@strata/event-store';
import type { JsonObject } from '@strata/kernel';
import { partialFailure } from '../operation/operation.errors.js';
import { historyOf } from '../operation/operation.history.js';
import { isOpen, targetIds, type Operation } from '../operation/operation.js';
import type { OperationCase } from './operation-case.js';

/** Ends a batch when all of its parts have ended. False while some are open. */
export const gather = async (store: EventStore, batch: OperationCase): Promise<boolean> => {
  const streams = batch.known.parts.map((id) => `operation-${id}` as const);
  const loaded = (await store.load({ sight: everything, streams })).streams;
  const parts = loaded.map((stream) => historyOf(stream).operation);
  if (batch.known.status === 'queued' && parts.some(({ status }) => status !== 'queued'))
    await batch.report({ type: 'Begin' });
  if (parts.some(isOpen)) return false;
  const outcome: JsonObject = { parts: parts.map(partOutcome) };
  const failed = parts.filter(({ status }) => status !== 'succeeded').length;
  if (failed === 0) await batch.end({ end: 'succeeded', outcome });
  else if (batch.known.status === 'running' && batch.known.cancelRequested && parts.every(isCancelled))
    await batch.end({ end: 'cancelled' });
  else await batch.end({ end: 'failed', error: partialFailure(failed, parts.length), left: outcome });
  return true;
};

const isCancelled = ({ status }: Operation): boolean => status === 'cancelled';

const partOutcome = (part: Operation): JsonObject => {
  if (part.status === 'absent') return {};
  const { target, status } = part;
  const [id] = targetIds(target);
  return { type: target.type, id, status, error: part.status === 'failed' ? { ...part.error } : null };
};
