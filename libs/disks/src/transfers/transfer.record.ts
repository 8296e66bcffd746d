import type { RecordedEvent } from '@strata/event-store';
import { inMilliseconds } from '@strata/projects';
import { transfers, type KnownTransfer, type TransferEvent } from '../transfer/index.js';

/** What is told of a transfer, folded from its stream, in JSON, so that a view can keep it and fold on. */
export interface TransferRecord {
  readonly transfer: KnownTransfer;
  /** RFC 3339 with milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Of its stream. */
  readonly version: number;
}

export const recordAfter = (
  record: TransferRecord | undefined,
  recorded: RecordedEvent,
): TransferRecord | undefined => {
  // Only this feature writes streams of transfers: their category guarantees the union.
  const event = recorded as unknown as TransferEvent;
  const transfer = transfers.evolve(record?.transfer ?? transfers.initial, event);
  if (transfer.status === 'absent') return undefined;
  const at = inMilliseconds(recorded.recordedAt);
  return { transfer, createdAt: record?.createdAt ?? at, updatedAt: at, version: recorded.version };
};

export const recordOf = (events: readonly RecordedEvent[]): TransferRecord | undefined =>
  events.reduce<TransferRecord | undefined>(recordAfter, undefined);
