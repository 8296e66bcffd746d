import { everything, type EventStore } from '@strata/event-store';
import { BindingId } from '@strata/kernel';
import { bindingStream, foldBinding } from '@strata/projects';
import { bindingRemoved } from '../operation/operation.errors.js';
import type { OperationError } from '../operation/operation.events.js';

/** Why a cloud that is not to be had now never will be, or null while it may be. */
export const neverToBeHad = async (store: EventStore, bindingId: string | null): Promise<OperationError | null> => {
  if (bindingId === null) return null;
  const streams = [bindingStream(BindingId.parse(bindingId))];
  const [stream] = (await store.load({ sight: everything, streams })).streams;
  return foldBinding(stream).status === 'removed' ? bindingRemoved() : null;
};
