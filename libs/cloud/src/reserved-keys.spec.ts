import { describe, expect, it } from 'vitest';
import { reservedKeys } from './reserved-keys.js';

describe('a key of metadata', () => {
  it.each([
    ...[
      'strata.marker',
      'Strata.Marker',
      'STRATA',
      'ſtrata',
      'ßtrata',
      'strátą',
      'st\u00adrata',
      '\u200bstrata',
      'strata ',
    ],
    ...['readonly', 'ReadOnly', 'readonly ', 'attached_mode', 'POLICY', 'polıcy', 'full_clone'],
    ...['__system__encrypted', '__SYSTEM__x', '__other', 'hw:passthrough', 'HW:PAßTHROUGH'],
  ])('is reserved as %j', (key) => {
    expect(reservedKeys.metadata(key)).toBe(true);
  });

  it.each(['owner', ' strata', 'substrata', 'strat', 'readonly2', '_system', 'hw', 'policies'])('may be %j', (key) => {
    expect(reservedKeys.metadata(key)).toBe(false);
  });
});

describe('a key of tags', () => {
  it('is reserved where it begins as Strata’s do, and has no meaning to the cloud', () => {
    expect(['strata-marker', 'Strata-x'].map(reservedKeys.tags)).toEqual([true, true]);
    expect(['readonly', 'policy'].map(reservedKeys.tags)).toEqual([false, false]);
  });
});
