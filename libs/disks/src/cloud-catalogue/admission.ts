import type { CloudDiskType } from '@strata/cloud';
import type { CloudOffer } from './cloud-catalogue.js';

export interface Placement {
  readonly type: string;
  readonly availabilityZone: string;
}

interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

export type PlacementRefusal =
  | { readonly type: 'availability-zone-unknown'; readonly errors: readonly Fault[]; readonly known: readonly string[] }
  | { readonly type: 'availability-zone-unavailable'; readonly availabilityZone: string }
  | TypeRefusal;

export type TypeRefusal =
  | { readonly type: 'disk-type-unknown'; readonly errors: readonly Fault[]; readonly known: readonly string[] }
  | (Placed & { readonly type: 'disk-type-not-offered'; readonly offeredIn: readonly string[] })
  | (Placed & { readonly type: 'disk-type-sold-out' });

/** As members of a problem, where `type` is the problem's own. */
interface Placed {
  readonly diskType: string;
  readonly availabilityZone: string;
}

/** Where the cloud would refuse a disk (EVS reference §1.4: EVS.1036, 1020, 2070–2072). What is not known is admitted. */
export const placementRefusal = (offer: CloudOffer, placement: Placement): PlacementRefusal | undefined =>
  zoneRefusal(offer, placement) ?? typeRefusal(offer, placement);

const zoneRefusal = ({ zones }: CloudOffer, { availabilityZone }: Placement): PlacementRefusal | undefined => {
  if (!zones) return undefined;
  const zone = zones.items.find(({ name }) => name === availabilityZone);
  if (!zone) {
    const errors = [{ pointer: '/availabilityZone', detail: 'is not a zone of the cloud' }];
    return { type: 'availability-zone-unknown', errors, known: zones.items.map(({ name }) => name) };
  }
  return zone.available ? undefined : { type: 'availability-zone-unavailable', availabilityZone };
};

/** Where the cloud would refuse the type in the zone. What is not known is admitted. */
export const typeRefusal = (
  { diskTypes }: CloudOffer,
  { type: diskType, availabilityZone }: Placement,
): TypeRefusal | undefined => {
  if (!diskTypes) return undefined;
  // Names may repeat with different ids (EVS reference §1.9): one that fits is enough.
  const named = diskTypes.items.filter(({ name }) => name === diskType);
  if (named.length === 0) {
    const errors = [{ pointer: '/type', detail: 'is not a disk type of the cloud' }];
    return { type: 'disk-type-unknown', errors, known: [...new Set(diskTypes.items.map(({ name }) => name))] };
  }
  const offered = named.filter((each) => isOfferedIn(each, availabilityZone));
  if (offered.length === 0) {
    const offeredIn = [...new Set(named.flatMap(({ availabilityZones }) => availabilityZones ?? []))];
    return { type: 'disk-type-not-offered', diskType, availabilityZone, offeredIn };
  }
  const soldOut = offered.every(({ soldOutZones }) => soldOutZones.includes(availabilityZone));
  return soldOut ? { type: 'disk-type-sold-out', diskType, availabilityZone } : undefined;
};

const isOfferedIn = ({ availabilityZones }: CloudDiskType, zone: string): boolean =>
  availabilityZones === null || availabilityZones.includes(zone);
