import type { LoadedStream } from '@strata/event-store';
import { fold, type StreamId } from '@strata/kernel';
import type { TransferEvent } from './transfer.events.js';
import { transfers, type Transfer } from './transfer.js';

export const transferStream = (transferId: string): StreamId => `transfer-${transferId}`;

/** The category of the stream guarantees the union: only this feature writes transfers. */
export const transferOf = (stream: LoadedStream | undefined): Transfer =>
  fold(transfers, (stream?.events ?? []) as unknown as readonly TransferEvent[]);
