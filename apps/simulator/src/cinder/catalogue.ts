import type { Cloud } from '../cloud.js';
import type { Route } from '../http/call.js';
import { refuse } from '../http/refusal.js';
import type { VolumeType } from '../world/catalogue.js';

/** What is on offer: disk types (C5) and availability zones (C11). */
export const catalogueRoutes = ({ world }: Cloud): readonly Route[] => [
  {
    operation: 'types.list',
    method: 'GET',
    paths: ['/v2/:projectId/types'],
    surface: 'cinder',
    handle: () => ({ status: 200, body: { volume_types: world.types.map(typeView) } }),
  },
  {
    operation: 'types.get',
    method: 'GET',
    paths: ['/v2/:projectId/types/:typeId'],
    surface: 'cinder',
    handle: ({ params }) => {
      const type = world.types.find(({ id }) => id === params['typeId']);
      return type ? { status: 200, body: { volume_type: typeView(type) } } : refuse('EVS.5404', 'no such type');
    },
  },
  {
    operation: 'zones.list',
    method: 'GET',
    paths: ['/v2/:projectId/os-availability-zone'],
    surface: 'cinder',
    handle: () => ({
      status: 200,
      body: {
        availabilityZoneInfo: [...world.zones].map(([zoneName, available]) => ({ zoneName, zoneState: { available } })),
      },
    }),
  },
];

export const typeView = ({ id, name, zones, soldOutIn }: VolumeType) => ({
  id,
  name,
  description: null,
  is_public: true,
  qos_specs_id: null,
  extra_specs: {
    volume_backend_name: name,
    'availability-zone': zones[0],
    'RESKEY:availability_zones': zones.join(','),
    ...(soldOutIn.length > 0 ? { 'os-vendor-extended:sold_out_availability_zones': soldOutIn.join(',') } : {}),
  },
});
