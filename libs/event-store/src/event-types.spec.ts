import { describe, expect, expectTypeOf, it } from 'vitest';
import type { JsonObject } from '@strata/kernel';
import { z } from 'zod';
import type { RecordedEvent } from './append.js';
import {
  defineEvents,
  EventTypes,
  InvalidEventData,
  UnknownEventType,
  type EventCatalogue,
  type FactOf,
} from './event-types.js';
import { checkGoldenEvents, GoldenFileFault } from './golden-events.js';

const RequestedV1 = z.strictObject({ name: z.string(), sizeGb: z.int() });
const RequestedV2 = z.strictObject({ name: z.string(), sizeGiB: z.int() });
const RequestedV3 = z.strictObject({ name: z.string(), sizeGiB: z.int(), tags: z.record(z.string(), z.string()) });

const diskEvents = defineEvents({
  category: 'disk',
  types: {
    DiskRequested: {
      versions: { 1: RequestedV1, 2: RequestedV2, 3: RequestedV3 },
      upcast: {
        1: ({ name, sizeGb }: z.output<typeof RequestedV1>) => ({ name, sizeGiB: sizeGb }),
        2: (older: z.output<typeof RequestedV2>) => ({ ...older, tags: {} }),
      },
    },
    DiskDeleted: { versions: { 1: z.strictObject({}) } },
  },
});
const types = new EventTypes([diskEvents]);

const recorded = (type: string, schemaVersion: number, data: JsonObject): RecordedEvent => ({
  position: 41,
  id: '01900000-0000-7000-8000-000000000001',
  stream: 'disk-01900000-0000-7000-8000-000000000002',
  version: 1,
  type,
  schemaVersion,
  projectId: '01900000-0000-7000-8000-000000000003' as RecordedEvent['projectId'],
  data,
  charges: [],
  meta: { actorId: '01900000-0000-7000-8000-000000000004' },
  recordedAt: '2026-11-22T12:00:00.000000Z',
  hash: '00',
});

describe('event types', () => {
  it('make facts of the newest version, with its type', () => {
    const fact = diskEvents.fact('DiskRequested', { name: 'data', sizeGiB: 10, tags: {} });
    expect(fact).toEqual({ type: 'DiskRequested', schemaVersion: 3, data: { name: 'data', sizeGiB: 10, tags: {} } });
    expectTypeOf(fact.data).toEqualTypeOf<z.output<typeof RequestedV3>>();
    expectTypeOf<FactOf<typeof diskEvents>['type']>().toEqualTypeOf<'DiskRequested' | 'DiskDeleted'>();
  });

  it('upcast each older version through all that follow', () => {
    const today = { schemaVersion: 3, data: { name: 'data', sizeGiB: 10, tags: {} } };
    expect(types.upcast(recorded('DiskRequested', 1, { name: 'data', sizeGb: 10 }))).toMatchObject(today);
    expect(types.upcast(recorded('DiskRequested', 2, { name: 'data', sizeGiB: 10 }))).toMatchObject(today);
  });

  it('hand on an event of today as it is', () => {
    const event = recorded('DiskDeleted', 1, {});
    expect(types.upcast(event)).toBe(event);
  });

  it.each([
    ['a type', 'DiskFrobbed', 1, 'event 41: this build does not know the type DiskFrobbed'],
    ['a version', 'DiskDeleted', 2, 'event 41: this build knows DiskDeleted up to version 1, not version 2'],
    ['a version', 'DiskDeleted', 0, 'event 41: this build knows DiskDeleted up to version 1, not version 0'],
  ])('name %s that they do not know', (_, type, schemaVersion, message) => {
    const reading = () => types.upcast(recorded(type, schemaVersion, {}));
    expect(reading).toThrow(UnknownEventType);
    expect(reading).toThrow(message);
  });

  it('validate by the schema of the recorded version when asked to', () => {
    expect(types.decode(recorded('DiskRequested', 1, { name: 'data', sizeGb: 10 }))).toMatchObject({
      schemaVersion: 3,
    });
    expect(() => types.decode(recorded('DiskRequested', 2, { name: 'data', sizeGb: 10 }))).toThrow(InvalidEventData);
    expect(() => types.decode({ ...recorded('DiskDeleted', 1, {}), stream: 'operation-1' })).toThrow(InvalidEventData);
  });

  it('refuse a hole in the versions, a missing upcaster and a type declared twice', () => {
    const schema = z.strictObject({});
    const declare = (declaration: Parameters<typeof defineEvents>[0]['types'][string]) => () =>
      defineEvents({ category: 'disk', types: { DiskDeleted: declaration } });
    expect(declare({ versions: { 2: schema } })).toThrow('without a hole');
    expect(declare({ versions: { 1: schema, 2: schema } })).toThrow('one upcaster');
    expect(() => new EventTypes([diskEvents, diskEvents])).toThrow('declared twice');
  });
});

describe('a golden file of events', () => {
  const golden = [
    {
      type: 'DiskRequested',
      schemaVersion: 1,
      data: { name: 'data', sizeGb: 10 },
      today: { name: 'data', sizeGiB: 10, tags: {} },
    },
    {
      type: 'DiskRequested',
      schemaVersion: 2,
      data: { name: 'data', sizeGiB: 10 },
      today: { name: 'data', sizeGiB: 10, tags: {} },
    },
    { type: 'DiskRequested', schemaVersion: 3, data: { name: 'data', sizeGiB: 10, tags: { a: 'b' } } },
    { type: 'DiskDeleted', schemaVersion: 1, data: {} },
  ];
  const faultsOf = (catalogue: EventCatalogue, samples: unknown) => {
    try {
      checkGoldenEvents(catalogue, samples);
      return [];
    } catch (error) {
      if (error instanceof GoldenFileFault) return error.faults;
      throw error;
    }
  };

  it('passes when every version ever written still decodes', () => {
    expect(faultsOf(diskEvents, golden)).toEqual([]);
  });

  it('names each declared version without a sample', () => {
    expect(faultsOf(diskEvents, golden.slice(2, 3))).toEqual([
      'DiskRequested version 1 has no sample',
      'DiskRequested version 2 has no sample',
      'DiskDeleted version 1 has no sample',
    ]);
  });

  it('names a sample whose version was taken away', () => {
    const without = defineEvents({ category: 'disk', types: { DiskDeleted: diskEvents.types.DiskDeleted } });
    expect(faultsOf(without, golden)).toHaveLength(3);
  });

  it('names a changed upcast and a schema that changes data', () => {
    const changed = golden.map((sample) =>
      sample.today ? { ...sample, today: { ...sample.today, tags: { x: 'y' } } } : sample,
    );
    expect(faultsOf(diskEvents, changed)).toHaveLength(2);
    const stripping = defineEvents({ category: 'disk', types: { DiskDeleted: { versions: { 1: z.object({}) } } } });
    expect(faultsOf(stripping, [{ type: 'DiskDeleted', schemaVersion: 1, data: { why: 'full' } }])).toEqual([
      'DiskDeleted version 1: its schema changes the data (strips, defaults, transforms)',
    ]);
  });
});
