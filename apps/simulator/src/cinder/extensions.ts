import type { Route } from '../http/call.js';

/** Names and aliases of what the calls here have of Cinder's extensions, and `backups`, which is advertised all the same (EVS reference §9). */
const extensions: readonly (readonly [alias: string, name: string, description: string])[] = [
  ['backups', 'Backups', 'Backups of disks.'],
  ['os-availability-zone', 'AvailabilityZones', 'Availability zones.'],
  ['os-extended-snapshot-attributes', 'ExtendedSnapshotAttributes', 'Progress and project of snapshots.'],
  ['os-quota-sets', 'Quotas', 'Quota and usage of projects.'],
  ['os-types-extra-specs', 'TypesExtraSpecs', 'Specifications of disk types.'],
  ['os-vol-tenant-attr', 'VolumeTenantAttribute', 'The project of a disk.'],
  ['os-volume-actions', 'VolumeActions', 'Actions on disks.'],
  ['os-volume-transfer', 'VolumeTransfer', 'Disks that pass to another project.'],
];

const view = ([alias, name, description]: (typeof extensions)[number]) => ({
  alias,
  name,
  description,
  links: [],
  updated: '2013-06-27T00:00:00+00:00',
});

/** Which extensions of Cinder there are (C12): names, not what really works. */
export const extensionRoutes: readonly Route[] = [
  {
    operation: 'extensions.list',
    method: 'GET',
    paths: ['/v2/:projectId/extensions'],
    surface: 'cinder',
    handle: () => ({ status: 200, body: { extensions: extensions.map(view) } }),
  },
];
