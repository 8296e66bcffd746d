import type { JsonObject } from '@strata/kernel';
import fc from 'fast-check';
import { z } from 'zod';
import type { RecordedEvent } from '../append.js';
import { defineEvents, EventTypes } from '../event-types.js';
import type { Projection, ViewRow } from '../follower.js';

/** Events and a view of the smallest disks that show every way a row can go: for specs of followers and views. */
export const sampleEvents = defineEvents({
  category: 'disk',
  types: {
    SampleRequested: { versions: { 1: z.strictObject({ name: z.string(), sizeGiB: z.int() }) } },
    SampleResized: {
      versions: { 1: z.strictObject({ size: z.int() }), 2: z.strictObject({ sizeGiB: z.int() }) },
      upcast: { 1: ({ size }: { size: number }) => ({ sizeGiB: size }) },
    },
    SampleTagged: { versions: { 1: z.strictObject({ tags: z.record(z.string(), z.string()) }) } },
    SampleDescribed: { versions: { 1: z.strictObject({ description: z.string().nullable() }) } },
    /** Touches a second disk: one event, two rows. */
    SampleSwapped: { versions: { 1: z.strictObject({ with: z.string() }) } },
    SampleLooked: { versions: { 1: z.strictObject({}) } },
    SampleDeleted: { versions: { 1: z.strictObject({}) } },
  },
});

export const sampleTypes = new EventTypes([sampleEvents]);

export interface SampleRow extends ViewRow {
  readonly name: string;
  readonly description: string | null;
  readonly sizeGiB: number;
  readonly type: string;
  readonly availabilityZone: string;
  readonly status: string;
  readonly statusReason?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly cloudId: string | null;
  readonly version: number;
  readonly doc: JsonObject;
}

const begun = (event: RecordedEvent, key: string): SampleRow => ({
  key,
  projectId: event.projectId,
  name: String(event.data['name']),
  description: null,
  sizeGiB: Number(event.data['sizeGiB']),
  type: Number(event.data['sizeGiB']) % 2 === 0 ? 'SSD' : 'SATA',
  availabilityZone: 'eu-de-01',
  status: 'available',
  tags: {},
  createdAt: event.recordedAt,
  updatedAt: event.recordedAt,
  cloudId: null,
  version: 1,
  doc: { nested: { 'a"b\\c': ['{}', ',', 'ü'] } },
});

const changed = (row: SampleRow, event: RecordedEvent): SampleRow | null => {
  const next = { ...row, updatedAt: event.recordedAt, version: row.version + 1 };
  switch (event.type) {
    case 'SampleResized':
      return { ...next, sizeGiB: Number(event.data['sizeGiB']) };
    case 'SampleTagged':
      return { ...next, tags: { ...row.tags, ...(event.data['tags'] as SampleRow['tags']) } };
    case 'SampleDescribed':
      return { ...next, description: event.data['description'] as string | null };
    case 'SampleSwapped':
      return { ...next, status: 'in-use', statusReason: `swapped at ${event.position}` };
    case 'SampleDeleted':
      return null;
    default:
      return row;
  }
};

export const diskOf = ({ stream }: RecordedEvent): string => stream.slice('disk-'.length);

export const sampleView: Projection<SampleRow> = {
  name: 'disks',
  columns: {
    name: 'text',
    description: 'text',
    size_gib: 'int',
    type: 'text',
    availability_zone: 'text',
    status: 'text',
    status_reason: 'text',
    tags: 'jsonb',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
    cloud_id: 'text',
    version: 'int',
    doc: 'jsonb',
  },
  handles: sampleEvents.names.filter((name) => name !== 'SampleLooked'),
  ignores: ['SampleLooked'],
  keys: (event) => (event.type === 'SampleSwapped' ? [diskOf(event), String(event.data['with'])] : [diskOf(event)]),
  apply: (row, event, key) => (event.type === 'SampleRequested' ? begun(event, key) : row ? changed(row, event) : null),
};

/** What a history is written from: the writer adds position, version and time. */
export interface SampleEvent {
  readonly disk: string;
  readonly projectId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: JsonObject;
}

export const sampleId = (kind: number, n: number): string =>
  `0190${kind.toString(16).padStart(4, '0')}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

const disk = fc.nat({ max: 7 }).map((n) => sampleId(1, n));
const text = fc.constantFrom('data', 'log', 'Ärger', 'a"b', "o'c", 'a\\b', '{x,y}', 'NULL', '', 'null');
const change: fc.Arbitrary<Omit<SampleEvent, 'disk' | 'projectId'>> = fc.oneof(
  fc
    .record({ name: text, sizeGiB: fc.nat({ max: 500 }) })
    .map((data) => ({ type: 'SampleRequested', schemaVersion: 1, data })),
  fc.nat({ max: 500 }).map((size) => ({ type: 'SampleResized', schemaVersion: 1, data: { size } })),
  fc.nat({ max: 500 }).map((sizeGiB) => ({ type: 'SampleResized', schemaVersion: 2, data: { sizeGiB } })),
  fc.dictionary(text, text, { maxKeys: 2 }).map((tags) => ({ type: 'SampleTagged', schemaVersion: 1, data: { tags } })),
  fc.option(text).map((description) => ({ type: 'SampleDescribed', schemaVersion: 1, data: { description } })),
  disk.map((other) => ({ type: 'SampleSwapped', schemaVersion: 1, data: { with: other } })),
  fc.constant({ type: 'SampleLooked', schemaVersion: 1, data: {} }),
  fc.constant({ type: 'SampleDeleted', schemaVersion: 1, data: {} }),
);

/** Eight disks that come, change, go and come again. */
export const sampleHistory = (maxLength: number): fc.Arbitrary<readonly SampleEvent[]> =>
  fc.array(
    fc
      .record({ disk, change })
      .map(({ disk, change }) => ({ disk, projectId: sampleId(2, Number(`0x${disk.at(-1)}`) % 3), ...change })),
    { minLength: 1, maxLength, size: 'max' },
  );
