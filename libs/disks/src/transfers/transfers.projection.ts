import type { Projection, ViewRow } from '@strata/event-store';
import { operationEvents, participationEvents } from '@strata/operations';
import { bindingEvents, projectEvents } from '@strata/projects';
import { diskEvents, transferEvents } from '../catalogue.js';
import { recordAfter, type TransferRecord } from './transfer.record.js';

export interface TransferRow extends ViewRow {
  readonly diskId: string;
  readonly status: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly doc: TransferRecord;
}

/** One row for each transfer, in the project that gives. Apps add what features after this one write to `ignores`. */
export const transfersView: Projection<TransferRow> = {
  name: 'transfers',
  columns: {
    disk_id: 'uuid',
    status: 'text',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
    doc: 'jsonb',
  },
  handles: transferEvents.names,
  ignores: [
    ...diskEvents.names,
    ...operationEvents.names,
    ...participationEvents.names,
    ...projectEvents.names,
    ...bindingEvents.names,
  ],
  keys: ({ stream }) => [stream.slice('transfer-'.length)],
  apply: (row, event) => {
    const record = recordAfter(row?.doc, event);
    return record === undefined ? null : rowOf(record);
  },
};

const rowOf = (record: TransferRecord): TransferRow => {
  const { transfer, createdAt, updatedAt } = record;
  const { transferId: key, projectId, diskId, status } = transfer;
  return { key, projectId, diskId, status, createdAt, updatedAt, doc: record };
};
