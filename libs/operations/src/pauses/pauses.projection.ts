import type { Projection, ViewRow } from '@strata/event-store';
import { bindingEvents, projectEvents } from '@strata/projects';
import { operationEvents, pauseEvents } from '../catalogue.js';
import { nodeOfPause } from '../pause/index.js';
import { pauseAfter, type PauseRecord } from './pause.resource.js';

export interface PauseRow extends ViewRow {
  readonly bindingId: string | null;
  readonly kind: string | null;
  readonly until: string;
  readonly createdAt: string;
  readonly doc: PauseRecord;
}

/** One row for each pause in force. One of a binding belongs to the node of the binding. */
export const pausesView: Projection<PauseRow> = {
  name: 'pauses',
  columns: { binding_id: 'uuid', kind: 'text', until: 'timestamptz', created_at: 'timestamptz', doc: 'jsonb' },
  handles: pauseEvents.names,
  ignores: [...operationEvents.names, ...projectEvents.names, ...bindingEvents.names],
  keys: ({ stream }) => [stream.slice('pause-'.length)],
  apply: (_row, event) => {
    const record = pauseAfter(event);
    return record === undefined ? null : rowOf(record);
  },
};

const rowOf = (record: PauseRecord): PauseRow => {
  const { id, projectId, bindingId, kind, until, createdAt } = record;
  // Of the two one is there, as the scope has it.
  const scope = { projectId, bindingId } as Parameters<typeof nodeOfPause>[0];
  return { key: id, projectId: nodeOfPause(scope), bindingId, kind, until, createdAt, doc: record };
};
