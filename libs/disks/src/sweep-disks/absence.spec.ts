import type { RecordedEvent } from '@strata/event-store';
import { describe, expect, it } from 'vitest';
import { absenceOf, type Absence } from './absence.js';

const at = (minute: number) => `2026-11-29T10:${String(minute).padStart(2, '0')}:00.000Z`;
const event = (type: string, minute: number, operationId?: string): RecordedEvent => ({
  ...{ position: minute, id: '', stream: 'disk-1', version: minute, type, schemaVersion: 1, projectId: 'p' as never },
  ...{ data: {}, charges: [], meta: { actorId: 'a', operationId }, recordedAt: at(minute), hash: '' },
});
const made = event('Made', 1, 'o-1');
const common: Absence = {
  ...{ told: new Set(['Made', 'Observed']), missed: 'Missed', isMissed: false, now: at(30), sweptAt: null },
};

describe('what is gone', () => {
  it('was there when the cloud told of it last, and is missed from the look on that does not find it', () => {
    const events = [made, event('Observed', 5), event('Asked', 9)];
    expect(absenceOf(events, common)).toEqual({
      ...{ lastSeenAt: at(5), missingSince: at(30), foundBy: 'sweep', operationId: null },
    });
    expect(absenceOf([], common)).toMatchObject({ lastSeenAt: null });
  });

  it('was there in the last sweep, which has no event where it saw nothing new', () => {
    expect(absenceOf([made], { ...common, sweptAt: at(25) })).toMatchObject({ lastSeenAt: at(25) });
    expect(absenceOf([event('Made', 27)], { ...common, sweptAt: at(25) })).toMatchObject({ lastSeenAt: at(27) });
  });

  it('is told of in milliseconds, as the log is not', () => {
    const events = [made, event('Missed', 12)].map((each) => ({
      ...each,
      recordedAt: each.recordedAt.replace('000Z', '123456Z'),
    }));
    expect(absenceOf(events, { ...common, isMissed: true })).toMatchObject({
      lastSeenAt: at(1).replace('000Z', '123Z'),
      missingSince: at(12).replace('000Z', '123Z'),
    });
  });

  it('is missed since it was so first, whoever looks again', () => {
    const events = [made, event('Missed', 12, 'refresh-1'), event('Observed', 13), event('Missed', 20, 'refresh-2')];
    const missed = { ...common, isMissed: true };
    expect(absenceOf(events, { ...missed, sweptAt: at(25) })).toEqual({
      ...{ lastSeenAt: at(13), missingSince: at(20), foundBy: 'refresh', operationId: 'refresh-2' },
    });
    expect(absenceOf([made, event('Missed', 12)], { ...missed, sweptAt: at(11) })).toMatchObject({
      ...{ lastSeenAt: at(11), missingSince: at(12), foundBy: 'sweep' },
    });
  });

  it('was missed once and found again: that counts no more', () => {
    expect(absenceOf([made, event('Missed', 12), event('Observed', 13)], common)).toMatchObject({
      ...{ lastSeenAt: at(13), missingSince: at(30) },
    });
  });
});
