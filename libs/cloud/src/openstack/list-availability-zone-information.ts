import { z } from 'zod';
import type { CloudZone } from '../disk-cloud.js';
import type { OpenstackClient } from './openstack.client.js';
import { readBody } from '../wire/texts.js';

const Body = z.object({
  availabilityZoneInfo: z.array(
    z.object({ zoneName: z.string().min(1), zoneState: z.object({ available: z.boolean() }) }),
  ),
});

/** `GET /os-availability-zone`. */
export const listAvailabilityZones = async (client: OpenstackClient): Promise<readonly CloudZone[]> => {
  const answer = await client.readAnswer({ method: 'GET', path: '/os-availability-zone' });
  return readBody(Body, answer).availabilityZoneInfo.map(({ zoneName, zoneState }) => ({
    name: zoneName,
    available: zoneState.available,
  }));
};
