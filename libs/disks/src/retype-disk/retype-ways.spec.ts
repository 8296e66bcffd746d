import { describe, expect, it } from 'vitest';
import { wayRefusal } from './retype-ways.js';

const types = ['SATA', 'SAS', 'GPSSD', 'SSD', 'ESSD'];

describe('a way from one type to another', () => {
  it.each([
    ['SATA', ['SAS', 'GPSSD', 'SSD', 'ESSD']],
    ['SAS', ['GPSSD', 'SSD', 'ESSD']],
    ['GPSSD', ['SSD', 'ESSD']],
    ['SSD', ['GPSSD', 'ESSD']],
    ['ESSD', ['GPSSD', 'SSD']],
  ])('leads from %s to %j, and to no other type of EVS', (fromType, possible) => {
    for (const toType of types.filter((each) => each !== fromType))
      expect(wayRefusal('evs', fromType, toType)).toEqual(
        possible.includes(toType) ? undefined : { type: 'retype-not-possible', fromType, toType, possible },
      );
  });

  it('is left to the cloud between types that EVS has not', () => {
    expect(wayRefusal('evs', 'SSD', 'nvme')).toBeUndefined();
    expect(wayRefusal('evs', 'nvme', 'SATA')).toBeUndefined();
  });

  it('is left to OpenStack, whatever its types are called', () => {
    expect(wayRefusal('openstack', 'SSD', 'SAS')).toBeUndefined();
  });
});
