import { z } from 'zod';
import type { CloudZone } from '../disk-cloud.js';
import type { EvsClient } from './evs.client.js';
import { readBody } from '../wire/texts.js';

const Body = z.object({
  availabilityZoneInfo: z.array(
    z.object({ zoneName: z.string().min(1), zoneState: z.object({ available: z.boolean() }) }),
  ),
});

/** C11. */
export const queryAvailabilityZones = async (client: EvsClient): Promise<readonly CloudZone[]> => {
  const answer = await client.readAnswer({ method: 'GET', version: 'v2', path: '/os-availability-zone' });
  return readBody(Body, answer).availabilityZoneInfo.map(({ zoneName, zoneState }) => ({
    name: zoneName,
    available: zoneState.available,
  }));
};
