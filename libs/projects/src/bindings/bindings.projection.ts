import type { Projection, RecordedEvent, ViewRow } from '@strata/event-store';
import { unreachable } from '@strata/kernel';
import type { Access, BindingEvent } from '../binding/index.js';
import { bindingEvents, projectEvents } from '../catalogues.js';
import { inMilliseconds } from '../reading/as-of.js';

export interface BindingRow extends ViewRow {
  readonly name: string;
  readonly kind: string;
  readonly region: string;
  readonly createdAt: string;
  readonly doc: { readonly access: Access; readonly updatedAt: string; readonly version: number };
}

/** One row for each binding that is there. Apps add what features after this one write to `ignores`. */
export const bindingsView: Projection<BindingRow> = {
  name: 'bindings',
  columns: { name: 'text', kind: 'text', region: 'text', created_at: 'timestamptz', doc: 'jsonb' },
  handles: bindingEvents.names,
  ignores: projectEvents.names,
  keys: ({ projectId }) => [projectId],
  apply: (row, event) => {
    const fact = factOf(event);
    switch (fact.type) {
      case 'BindingAdded':
        return rowOf(event, fact.data, inMilliseconds(event.recordedAt));
      case 'BindingChanged':
        return row ? rowOf(event, fact.data, row.createdAt) : null;
      case 'CloudQuotaObserved':
        return row ? rowOf(event, row.doc.access, row.createdAt) : null;
      case 'BindingRemoved':
        return null;
      default:
        return unreachable(fact);
    }
  },
};

/** Handled events arrive in today's shape. */
const factOf = (event: RecordedEvent) => event as unknown as BindingEvent;

const rowOf = ({ projectId, version, recordedAt }: RecordedEvent, access: Access, createdAt: string): BindingRow => {
  const { name, kind, region } = access;
  const doc = { access, updatedAt: inMilliseconds(recordedAt), version };
  return { key: projectId, projectId, name, kind, region, createdAt, doc };
};
