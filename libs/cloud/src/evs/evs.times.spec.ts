import { describe, expect, it } from 'vitest';
import { parseTime } from './evs.times.js';

describe('a time of the cloud', () => {
  it.each([
    ['2026-03-02T08:15:04.118203', '2026-03-02T08:15:04.118Z'],
    ['2026-03-02T08:15:03.902Z', '2026-03-02T08:15:03.902Z'],
    ['2020-02-21T07:07:25.114+00:00', '2020-02-21T07:07:25.114Z'],
    ['2020-02-21T09:07:25+0200', '2020-02-21T07:07:25.000Z'],
    ['2013-02-25t04:13:17.000000', '2013-02-25T04:13:17.000Z'],
    ['2026-03-03 08:00:00', '2026-03-03T08:00:00.000Z'],
    ['2026-03-03T08:00:00.1Z', '2026-03-03T08:00:00.100Z'],
  ])('is read from %s', (text, expected) => {
    expect(parseTime(text)).toBe(expected);
  });

  it.each([null, undefined, '', 'yesterday', '2026-13-45T08:00:00Z', '2026-03-03'])('is not found in %s', (text) => {
    expect(parseTime(text)).toBeNull();
  });
});
