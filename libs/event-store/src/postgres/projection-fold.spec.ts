import { describe, expect, it } from 'vitest';
import { sampleId, sampleTypes, sampleView, type SampleRow } from '../contract/sample-disks.js';
import type { RecordedEvent } from '../append.js';
import { UnknownEventType } from '../event-types.js';
import { foldEvents, handledBy, keysOf, type RowVersion } from './projection-fold.js';

const [disk, other] = [sampleId(1, 1), sampleId(1, 2)];
const event = (position: number, type: string, data = {}, of = disk): RecordedEvent => ({
  position,
  id: sampleId(9, position),
  stream: `disk-${of}`,
  version: position,
  type,
  schemaVersion: type === 'SampleResized' ? 2 : 1,
  projectId: sampleId(2, 1) as RecordedEvent['projectId'],
  data,
  charges: [],
  meta: { actorId: 'spec' },
  recordedAt: `2026-11-22T12:00:${String(position).padStart(2, '0')}.5Z`,
  hash: '',
});
const requested = event(1, 'SampleRequested', { name: 'data', sizeGiB: 10 });
const fold = (events: readonly RecordedEvent[], before = new Map<string, RowVersion<SampleRow>>()) =>
  foldEvents(sampleView, events, before);
const spans = (versions: readonly RowVersion<SampleRow>[]) =>
  versions.map(({ row, validFrom, validTo }) => [row.sizeGiB, validFrom, validTo]);

describe('folding a batch', () => {
  it('makes every version between two events of a row, the last of them open', () => {
    const events = [requested, event(2, 'SampleResized', { sizeGiB: 20 }), event(5, 'SampleResized', { sizeGiB: 30 })];
    expect(spans(fold(events).made)).toEqual([
      [10, 1, 2],
      [20, 2, 5],
      [30, 5, null],
    ]);
    expect(fold(events).ended).toEqual([]);
  });

  it('ends the version that stood open before it, once', () => {
    const [before] = fold([requested]).made;
    const events = [event(7, 'SampleResized', { sizeGiB: 20 }), event(8, 'SampleDeleted')];
    const { ended, made } = fold(events, new Map(before && [[disk, before]]));
    expect(ended).toEqual([{ key: disk, validFrom: 1, validTo: 7 }]);
    expect(spans(made)).toEqual([[20, 7, 8]]);
  });

  it('makes nothing of an event that leaves the row as it is', () => {
    const events = [event(2, 'SampleResized', { sizeGiB: 20 }), event(3, 'SampleDeleted')];
    expect(fold(events)).toEqual({ ended: [], made: [] });
  });

  it('lets one event change several rows', () => {
    const events = [
      requested,
      event(2, 'SampleRequested', { name: 'log', sizeGiB: 5 }, other),
      event(3, 'SampleSwapped', { with: other }),
    ];
    expect(keysOf(sampleView, events)).toEqual([disk, other]);
    expect(fold(events).made.filter(({ validFrom }) => validFrom === 3)).toHaveLength(2);
  });

  it('goes on with rows as their table will give them back', () => {
    const [made] = fold([requested]).made;
    expect(made?.row).toMatchObject({ createdAt: '2026-11-22T12:00:01.500000Z', statusReason: null });
  });

  it('refuses a row that came back under another key', () => {
    const astray = { ...sampleView, apply: () => ({ ...made.row, key: other }) };
    const made = fold([requested]).made[0] as RowVersion<SampleRow>;
    expect(() => foldEvents(astray, [requested], new Map())).toThrow(
      `the row of ${disk} came back as that of ${other}`,
    );
  });
});

describe('what a projection handles', () => {
  const handled = handledBy(sampleView, sampleTypes);

  it('comes in today’s shape, without what it ignores', () => {
    const older = { ...event(2, 'SampleResized', { size: 20 }), schemaVersion: 1 };
    expect(handled([requested, older, event(3, 'SampleLooked')])).toMatchObject([
      { position: 1 },
      { position: 2, schemaVersion: 2, data: { sizeGiB: 20 } },
    ]);
  });

  it('ends before a type that it neither handles nor ignores', () => {
    expect(() => handled([event(4, 'SampleFrobbed')])).toThrow(UnknownEventType);
  });

  it('may ignore an event of a version that nobody here can read', () => {
    expect(handled([{ ...event(4, 'SampleLooked'), schemaVersion: 99 }])).toEqual([]);
  });
});
