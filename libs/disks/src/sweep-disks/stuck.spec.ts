import type { RecordedEvent } from '@strata/event-store';
import { describe, expect, it } from 'vitest';
import { stuckSince, type Known } from './stuck.js';

const seenAs = (position: number, condition: string, recordedAt: string): RecordedEvent => ({
  ...{ position, id: '', stream: 'disk-1', version: position, type: 'Seen', schemaVersion: 1, projectId: 'p' as never },
  ...{ data: { condition }, charges: [], meta: { actorId: 'a' }, recordedAt, hash: '' },
});
const known: Known<string | null> = {
  initial: null,
  evolve: (_before, { data }) => String(data['condition']),
  conditionOf: (condition) => condition,
};
const deleting = { status: 'deleting', cloudStatus: 'deleting' };
const events = [
  seenAs(1, 'available', '2026-11-29T09:00:00.000000Z'),
  seenAs(2, 'deleting', '2026-11-29T10:00:00.123456Z'),
  seenAs(3, 'deleting', '2026-11-29T10:30:00.000000Z'),
];

describe('what stays in a state that should pass', () => {
  it('is stuck since the log knew it so first, told in milliseconds', () => {
    expect(stuckSince(events, known, deleting, '2026-11-29T10:59:59.000Z')).toBeUndefined();
    expect(stuckSince(events, known, deleting, '2026-11-29T11:00:01.000Z')).toEqual({
      ...{ member: 'statusSince', log: '2026-11-29T10:00:00.123Z', cloud: 'deleting' },
    });
  });

  it('is not while the log has not heard of that state, nor in a state that may last', () => {
    const late = '2026-12-29T11:00:01.000Z';
    expect(stuckSince(events.slice(0, 1), known, deleting, late)).toBeUndefined();
    expect(
      stuckSince(events.slice(0, 1), known, { status: 'available', cloudStatus: 'available' }, late),
    ).toBeUndefined();
  });
});
