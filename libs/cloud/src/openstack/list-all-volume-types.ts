import { z } from 'zod';
import type { CloudDiskType } from '../disk-cloud.js';
import type { OpenstackClient } from './openstack.client.js';
import { readBody } from '../wire/texts.js';

const Body = z.object({
  volume_types: z.array(
    z.object({ name: z.string().min(1), extra_specs: z.record(z.string(), z.unknown()).nullish().catch(null) }),
  ),
});

/** `GET /types`. Cinder knows nothing of types that are sold out: where there is no room a volume becomes `error`. */
export const listAllVolumeTypes = async (client: OpenstackClient): Promise<readonly CloudDiskType[]> => {
  const answer = await client.readAnswer({ method: 'GET', path: '/types' });
  return readBody(Body, answer).volume_types.map(({ name, extra_specs }) => ({
    name,
    availabilityZones: zonesIn(extra_specs?.['RESKEY:availability_zones']),
    soldOutZones: [],
  }));
};

/** Extra specs are hidden from projects unless the cloud shows them: null when it does not say. */
const zonesIn = (spec: unknown): readonly string[] | null =>
  typeof spec === 'string' && spec.trim() !== '' ? (spec.match(/[^\s,]+/g) ?? null) : null;
