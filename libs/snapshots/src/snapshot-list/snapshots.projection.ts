import { diskEvents } from '@strata/disks';
import type { Projection, ViewRow } from '@strata/event-store';
import { operationEvents } from '@strata/operations';
import { bindingEvents, projectEvents } from '@strata/projects';
import { snapshotEvents } from '../catalogue.js';
import { recordAfter, type SnapshotRecord } from '../snapshot.record.js';
import { showSnapshot } from '../snapshot.resource.js';

export interface SnapshotRow extends ViewRow {
  readonly diskId: string;
  readonly name: string;
  readonly description: string;
  readonly sizeGiB: number;
  readonly status: string;
  readonly statusReason: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly cloudId: string | null;
  readonly version: number;
  readonly doc: SnapshotRecord;
  /** `SnapshotResource` as JSON; null in rows that an older build wrote. */
  readonly shown: string | null;
}

/** One row for each snapshot that is there. Apps add what features after this one write to `ignores`. */
export const snapshotsView: Projection<SnapshotRow> = {
  name: 'snapshots',
  columns: {
    disk_id: 'uuid',
    name: 'text',
    description: 'text',
    size_gib: 'int',
    status: 'text',
    status_reason: 'text',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
    cloud_id: 'text',
    version: 'int',
    doc: 'jsonb',
    shown: 'text',
  },
  handles: snapshotEvents.names,
  ignores: [...diskEvents.names, ...operationEvents.names, ...projectEvents.names, ...bindingEvents.names],
  keys: ({ stream }) => [stream.slice('snapshot-'.length)],
  apply: (row, event) => {
    const record = recordAfter(row?.doc, event);
    return record === undefined ? null : rowOf(record);
  },
};

/** What can be filtered and sorted by is what the resource shows. */
const rowOf = (record: SnapshotRecord): SnapshotRow => {
  const resource = showSnapshot(record);
  const { id: key, allowedActions: _now, metadata: _doc, cloud, ...columns } = resource;
  return { key, ...columns, cloudId: cloud?.id ?? null, doc: record, shown: JSON.stringify(resource) };
};
