import type { Projection, ViewRow } from '@strata/event-store';
import { operationEvents } from '@strata/operations';
import { bindingEvents, projectEvents } from '@strata/projects';
import { diskEvents } from '../catalogue.js';
import { recordAfter, type DiskRecord } from '../disk.record.js';
import { showDiskThen } from '../disk.resource.js';

export interface DiskRow extends ViewRow {
  readonly name: string;
  readonly description: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly availabilityZone: string;
  readonly status: string;
  readonly statusReason: string | null;
  readonly bootable: boolean;
  readonly shareable: boolean;
  readonly encrypted: boolean;
  readonly readOnly: boolean;
  /** Of its attachments. */
  readonly serverIds: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly cloudId: string | null;
  readonly cloudStatus: string | null;
  readonly version: number;
  readonly doc: DiskRecord;
  /** `DiskResource` as JSON; null where time decides what is shown, and in rows that an older build wrote. */
  readonly shown: string | null;
}

/** One row for each disk that is there. Apps add what features after this one write to `ignores`. */
export const disksView: Projection<DiskRow> = {
  name: 'disks',
  columns: {
    name: 'text',
    description: 'text',
    size_gib: 'int',
    type: 'text',
    availability_zone: 'text',
    status: 'text',
    status_reason: 'text',
    bootable: 'boolean',
    shareable: 'boolean',
    encrypted: 'boolean',
    read_only: 'boolean',
    server_ids: 'text[]',
    tags: 'jsonb',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
    cloud_id: 'text',
    cloud_status: 'text',
    version: 'int',
    doc: 'jsonb',
    shown: 'text',
  },
  handles: diskEvents.names,
  ignores: [...operationEvents.names, ...projectEvents.names, ...bindingEvents.names],
  keys: ({ stream }) => [stream.slice('disk-'.length)],
  apply: (row, event) => {
    const record = recordAfter(row?.doc, event);
    return record === undefined ? null : rowOf(record);
  },
};

/** What can be filtered and sorted by is what the resource shows. */
const rowOf = (record: DiskRecord): DiskRow => {
  const resource = showDiskThen(record);
  const { id, projectId, name, description, sizeGiB, type, availabilityZone, status, statusReason } = resource;
  const { bootable, shareable, encrypted, readOnly, attachments, tags, cloud, createdAt, updatedAt, version } =
    resource;
  return {
    key: id,
    projectId,
    name,
    description,
    sizeGiB,
    type,
    availabilityZone,
    status,
    statusReason,
    bootable,
    shareable,
    encrypted,
    readOnly,
    serverIds: attachments.map(({ serverId }) => serverId),
    tags,
    createdAt,
    updatedAt,
    cloudId: cloud?.id ?? null,
    cloudStatus: cloud?.status ?? null,
    version,
    doc: record,
    shown: resource.deletesAt === null ? JSON.stringify(resource) : null,
  };
};
