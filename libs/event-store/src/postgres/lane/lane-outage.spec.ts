import { describe, expect, it } from 'vitest';
import { LaneUnavailable } from '../../append.js';
import { LaneOutage } from './lane-outage.js';

const coded = (code: string) => Object.assign(new Error('raw words'), { code });
const refusedFor = (cause: unknown) => [{ error: new LaneUnavailable('not now', 5, { cause }) }];
const committed = [
  { verdict: { status: 'committed', position: 1, versions: [1], recordedAt: '2026-01-01T00:00:00.000000Z' } },
] as const;

const watched = () => {
  const clock = { nowMs: 0 };
  const outage = new LaneOutage(() => clock.nowMs);
  return { clock, outage };
};
const never = () => Promise.reject(new Error('nobody should ask the database'));
const fine = () => Promise.resolve();

describe('an outage of the lane', () => {
  it('is none while appends get through, and the database is not asked', async () => {
    const { outage } = watched();
    expect(await outage.why(never)).toBeUndefined();
    outage.saw(committed);
    expect(await outage.why(never)).toBeUndefined();
  });

  it.each([
    ['53100', 'the disk of the database is full (53100)'],
    ['25006', 'the database can only be read (25006)'],
  ])('is told in words for %s, until an append gets through', async (code, words) => {
    const { outage } = watched();
    outage.saw(refusedFor(coded(code)));
    expect(await outage.why(never)).toBe(words);
    outage.saw(committed);
    expect(await outage.why(never)).toBeUndefined();
  });

  it('is not one slow commit', async () => {
    const { outage } = watched();
    outage.saw(refusedFor(coded('57014')));
    expect(await outage.why(never)).toBeUndefined();
  });

  it('lasts without traffic as long as a write is refused, and ends by itself', async () => {
    const { outage, clock } = watched();
    outage.saw(refusedFor(coded('53100')));
    clock.nowMs = 60_000;
    expect(await outage.why(() => Promise.reject(coded('53100')))).toContain('full');
    expect(await outage.why(fine)).toBeUndefined();
    expect(await outage.why(never)).toBeUndefined();
  });

  it('costs one write, however many ask while the database does not answer', async () => {
    const { outage, clock } = watched();
    outage.saw(refusedFor(coded('53100')));
    clock.nowMs = 60_000;
    const write = Promise.withResolvers<void>();
    let writes = 0;
    const slow = () => {
      writes += 1;
      return write.promise;
    };
    const asked = Array.from({ length: 20 }, () => outage.why(slow));
    write.reject(coded('53100'));
    const full = 'the disk of the database is full (53100)';
    expect(await Promise.all(asked)).toEqual(asked.map(() => full));
    expect(writes).toBe(1);
    expect(await outage.why(fine)).toBeUndefined();
  });

  it('is left to the next append where the role may not write a probe', async () => {
    const { outage, clock } = watched();
    outage.saw(refusedFor(coded('53100')));
    clock.nowMs = 60_000;
    expect(await outage.why(() => Promise.reject(coded('42501')))).toBeUndefined();
  });

  it('says nothing about an append that was at fault itself', async () => {
    const { outage } = watched();
    outage.saw([{ error: coded('22003') }]);
    expect(await outage.why(never)).toBeUndefined();
  });
});
