import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { fitsBytes, isObject, member, optionalText } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { changeDisk, findVolume } from '../world/disk-work.js';
import { resourceTime } from '../world/times.js';
import type { Volume } from '../world/volume.js';
import { findDisks, listDetail } from './disk-list.js';
import { linksTo, volumeDetail } from './volume-view.js';

/** Deprecated, and still answered: rename a disk (N7), disks in brief (N8), in detail on the old path (N9), one as the first version showed it (C15). */
export const oldDiskRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'disks.update',
    method: 'PUT',
    paths: ['/v2/:projectId/cloudvolumes/:volumeId'],
    surface: 'native',
    malformed: 'EVS.1001',
    writes: true,
    handle: (call) => update(cloud, call),
  },
  {
    operation: 'disks.listBrief',
    method: 'GET',
    paths: ['/v2/:projectId/cloudvolumes'],
    surface: 'native',
    handle: (call) => {
      const page = findDisks(cloud, call);
      if (isRefusal(page)) return page;
      const brief = (volume: Volume) => ({ id: volume.id, links: linksTo(volume, call, 'volumes'), name: volume.name });
      return { status: 200, body: { volumes: page.volumes.map(brief) } };
    },
  },
  {
    operation: 'disks.listDetail',
    method: 'GET',
    paths: ['/v2/:projectId/os-vendor-volumes/detail'],
    surface: 'native',
    handle: (call) => listDetail(cloud, call),
  },
  {
    operation: 'volumes.getOld',
    method: 'GET',
    paths: ['/v1/:projectId/volumes/:volumeId'],
    surface: 'cinder',
    handle: (call) => {
      const volume = findVolume(cloud, call);
      return isRefusal(volume) ? volume : { status: 200, body: { volume: asFirstShown(volume) } };
    },
  },
];

const asFirstShown = ({ id, name, description, status, size, volumeType, zone, metadata, ...volume }: Volume) => ({
  id,
  display_name: name,
  display_description: description,
  status,
  size,
  volume_type: volumeType,
  availability_zone: zone,
  bootable: String(volume.bootable),
  attachments: volume.attachments.map(({ serverId, device }) => ({ id, volume_id: id, server_id: serverId, device })),
  metadata,
  snapshot_id: volume.snapshotId ?? null,
  source_volid: null,
  created_at: resourceTime(volume.createdMicros),
});

/** Unlike its Cinder twin it knows neither metadata nor the `display_` forms, and its answer is not wrapped. */
const update = (cloud: Cloud, call: Call): Answer | Refusal => {
  const found = findVolume(cloud, call);
  if (isRefusal(found)) return found;
  const body = member(call.body, 'volume');
  if (!isObject(body)) return refuse('EVS.1001', 'a volume is missing');
  if (body['name'] == null && body['description'] == null) return refuse('EVS.1007');
  const name = optionalText(body['name'], 255, 'EVS.1003');
  if (isRefusal(name)) return name;
  const description = optionalText(body['description'], 255, 'EVS.1004');
  if (isRefusal(description)) return description;
  if (!fitsBytes(name, 255)) return refuse('EVS.1003', 'at most 255 bytes');
  if (!fitsBytes(description, 255)) return refuse('EVS.1004', 'at most 255 bytes');
  const renamed = { ...found, name: name ?? found.name, description: description ?? found.description };
  const shown = volumeDetail(changeDisk(cloud, call, renamed), call, cloud.world.seed, 'os-vendor-volumes');
  const hidden = { 'os-vol-tenant-attr:tenant_id': null, 'os-vol-host-attr:host': null, volume_image_metadata: null };
  return { status: 200, body: { ...shown, ...hidden } };
};
