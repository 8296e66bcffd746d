import { z } from 'zod';
import type { CloudDiskType } from '../disk-cloud.js';
import type { EvsClient } from './evs.client.js';
import { readBody } from '../wire/texts.js';

const Body = z.object({
  volume_types: z.array(
    z.object({ name: z.string().min(1), extra_specs: z.record(z.string(), z.unknown()).nullish().catch(null) }),
  ),
});

/** C5. A name may stand for several types of the cloud (EVS reference §1.9): their zones are taken together. */
export const queryDiskTypes = async (client: EvsClient): Promise<readonly CloudDiskType[]> => {
  const answer = await client.readAnswer({ method: 'GET', version: 'v2', path: '/types' });
  const types = new Map<string, CloudDiskType>();
  for (const { name, extra_specs } of readBody(Body, answer).volume_types) {
    const known = types.get(name);
    const offered = zonesIn(extra_specs?.['RESKEY:availability_zones']);
    const soldOut = zonesIn(extra_specs?.['os-vendor-extended:sold_out_availability_zones']) ?? [];
    types.set(
      name,
      known === undefined ? { name, availabilityZones: offered, soldOutZones: soldOut } : both(known, offered, soldOut),
    );
  }
  return [...types.values()];
};

/** Sold out is only what no type of that name still offers. */
const both = (
  { name, availabilityZones, soldOutZones }: CloudDiskType,
  offered: readonly string[] | null,
  soldOut: readonly string[],
): CloudDiskType => {
  const stillSoldBy = (zones: readonly string[] | null, gone: readonly string[], zone: string) =>
    (zones === null || zones.includes(zone)) && !gone.includes(zone);
  return {
    name,
    availabilityZones:
      availabilityZones === null || offered === null ? null : [...new Set([...availabilityZones, ...offered])],
    soldOutZones: [...new Set([...soldOutZones, ...soldOut])].filter(
      (zone) => !stillSoldBy(availabilityZones, soldOutZones, zone) && !stillSoldBy(offered, soldOut, zone),
    ),
  };
};

/** `eu-de-01,eu-de-02`, with or without brackets and quotes; null when the cloud does not say. */
const zonesIn = (spec: unknown): readonly string[] | null =>
  typeof spec === 'string' ? (spec.match(/[^\s,[\]'"]+/g) ?? []) : null;
