import type { Projection, ViewRow } from '@strata/event-store';
import { bindingEvents, projectEvents } from '@strata/projects';
import { operationEvents } from '../catalogue.js';
import { targetIds } from '../operation/index.js';
import { recordAfter, type OperationRecord } from '../operation.record.js';

export interface OperationRow extends ViewRow {
  readonly kind: string;
  readonly status: string;
  readonly targetType: string;
  readonly targetIds: readonly string[];
  /** Lists leave out the parts of a batch unless they are asked for. */
  readonly partOf: string | null;
  readonly retryOf: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly actorId: string;
  readonly doc: OperationRecord;
}

const idIn = (stream: string): string => stream.slice('operation-'.length);

/** One row for each operation, for ever. Apps add what features after this one write to `ignores`. */
export const operationsView: Projection<OperationRow> = {
  name: 'operations',
  columns: {
    kind: 'text',
    status: 'text',
    target_type: 'text',
    target_ids: 'text[]',
    part_of: 'uuid',
    retry_of: 'uuid',
    created_at: 'timestamptz',
    started_at: 'timestamptz',
    ended_at: 'timestamptz',
    actor_id: 'text',
    doc: 'jsonb',
  },
  handles: operationEvents.names,
  ignores: [...projectEvents.names, ...bindingEvents.names],
  keys: ({ stream }) => [idIn(stream)],
  apply: (row, event) => {
    const record = recordAfter(row?.doc, event);
    return record === undefined ? null : rowOf(record);
  },
};

const rowOf = (record: OperationRecord): OperationRow => {
  const { id, projectId, kind, target, state, actorId, createdAt, startedAt, endedAt } = record;
  return {
    key: id,
    projectId,
    kind,
    status: state.status,
    targetType: target.type,
    targetIds: targetIds(target),
    partOf: state.partOf,
    retryOf: state.retryOf,
    createdAt,
    startedAt,
    endedAt,
    actorId,
    doc: record,
  };
};
