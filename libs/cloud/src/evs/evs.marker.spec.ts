import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markerOf } from '../disk-cloud.js';
import { markerFromTag, markerToTag } from './evs.marker.js';

describe('a marker', () => {
  it('fits into a tag and comes back from it', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 0, max: 999_999 }), (operation, attempt) => {
        const marker = markerOf(operation, attempt);
        const tag = markerToTag(marker);
        expect(tag).toMatch(/^[A-Za-z0-9_-]{1,43}$/);
        expect(markerFromTag(tag)).toBe(marker);
      }),
    );
  });

  it('is not read from a tag that somebody else wrote', () => {
    fc.assert(fc.property(fc.string(), (value) => markerFromTag(value) === null));
    expect(markerFromTag(undefined)).toBeNull();
  });

  it('is an error in the program when it names no operation', () => {
    expect(() => markerToTag('operation.1')).toThrow(TypeError);
  });
});
