import type { Charge, JsonObject, ProjectId, StreamId } from '@strata/kernel';
import type { Meta, RecordedEvent } from '../append.js';

/** Columns of `events` for `recordedFrom`. */
export const RECORDED_COLUMNS = `position, id, stream, version, type, schema_version, project_id, data, charges, meta,
  to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at, encode(hash, 'hex') as hash`;

export interface EventRow {
  readonly position: string;
  readonly id: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly project_id: string;
  readonly data: JsonObject;
  readonly charges: readonly Charge[] | null;
  readonly meta: Meta;
  readonly recorded_at: string;
  readonly hash: string;
}

/** What the lane wrote is what it was given: the branded ids were parsed before they came there. */
export const recordedFrom = (row: EventRow): RecordedEvent => ({
  position: Number(row.position),
  id: row.id,
  stream: row.stream as StreamId,
  version: row.version,
  type: row.type,
  schemaVersion: row.schema_version,
  projectId: row.project_id as ProjectId,
  data: row.data,
  charges: row.charges ?? [],
  meta: row.meta,
  recordedAt: row.recorded_at,
  hash: row.hash,
});

/** An event as `load` sends it: the columns in order. */
export type EventTuple = readonly [
  ...[position: number, id: string, stream: string, version: number, type: string, schemaVersion: number],
  ...[
    projectId: string,
    data: JsonObject,
    charges: readonly Charge[] | null,
    meta: Meta,
    recordedAt: string,
    hash: string,
  ],
];

export const recordedFromTuple = (tuple: EventTuple): RecordedEvent => {
  const [position, id, stream, version, type, schemaVersion, projectId, data, charges, meta, recordedAt, hash] = tuple;
  return {
    position,
    id,
    stream: stream as StreamId,
    version,
    type,
    schemaVersion,
    projectId: projectId as ProjectId,
    data,
    charges: charges ?? [],
    meta,
    recordedAt,
    hash,
  };
};
