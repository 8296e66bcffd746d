import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isObject, member } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import {
  attachDisk,
  detachDisk,
  deviceIn,
  disksOf,
  findServer,
  isScsi,
  MAX_DISKS_PER_SERVER,
  placeDisk,
} from '../world/attachment-work.js';
import { bootIndex } from '../world/attachment.js';

/** Attach and detach disks the ECS-native way: work answers with a job of ECS (EVS reference §1.6). */
export const serverDiskRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'servers.attach',
    method: 'POST',
    paths: ['/ecs/v1/:projectId/cloudservers/:serverId/attachvolume'],
    surface: 'ecs',
    malformed: 'Ecs.0005',
    writes: true,
    handle: (call) => attach(cloud, call),
  },
  {
    operation: 'servers.detach',
    method: 'DELETE',
    paths: ['/ecs/v1/:projectId/cloudservers/:serverId/detachvolume/:volumeId'],
    surface: 'ecs',
    writes: true,
    handle: (call) => detach(cloud, call),
  },
  {
    operation: 'servers.blockDevices',
    method: 'GET',
    paths: [
      '/ecs/v1/:projectId/cloudservers/:serverId/block_device',
      '/ecs/v2.1/:projectId/servers/:serverId/block_device',
    ],
    surface: 'ecs',
    handle: (call) => blockDevices(cloud, call),
  },
  {
    operation: 'servers.blockDevices',
    method: 'GET',
    paths: ['/ecs/v2.1/servers/:serverId/block_device'],
    surface: 'ecs',
    auth: 'token',
    handle: (call) => blockDevices(cloud, { ...call, projectId: call.token?.projectId ?? '' }),
  },
];

/** What `volumeAttachment` says of the disk and its device; both surfaces say it alike. */
export const readAttachment = (
  body: unknown,
): { readonly volumeId: string; readonly device: string | null } | Refusal => {
  const attachment = member(body, 'volumeAttachment');
  if (!isObject(attachment)) return refuse('Ecs.0005', 'a volumeAttachment is missing');
  const { volumeId, device = null } = attachment;
  if (typeof volumeId !== 'string') return refuse('Ecs.0005', 'volumeId');
  if (device !== null && typeof device !== 'string') return refuse('Ecs.0005', 'device');
  return { volumeId, device: device === '' ? null : device };
};

const attach = (cloud: Cloud, call: Call): Answer | Refusal => {
  const asked = readAttachment(call.body);
  if (isRefusal(asked)) return asked;
  const dryRun = member(call.body, 'dry_run') ?? false;
  if (typeof dryRun !== 'boolean') return refuse('Ecs.0005', 'dry_run');
  const placed = placeDisk(cloud, call, asked.volumeId, asked.device);
  if (isRefusal(placed)) return placed;
  if (dryRun) return { status: 200, body: {} };
  return { status: 200, body: { job_id: attachDisk(cloud, call, placed).jobId } };
};

const detach = (cloud: Cloud, call: Call): Answer | Refusal => {
  const { delete_flag: flag = '0' } = call.query;
  if (flag !== '0' && flag !== '1') return refuse('Ecs.0005', 'delete_flag');
  const accepted = detachDisk(cloud, call, flag === '1');
  return isRefusal(accepted) ? accepted : { status: 200, body: { job_id: accepted.jobId } };
};

const blockDevices = (cloud: Cloud, call: Call): Answer | Refusal => {
  const server = findServer(cloud, call);
  if (isRefusal(server)) return server;
  const disks = disksOf(cloud, server);
  const free = MAX_DISKS_PER_SERVER - disks.length;
  const volumeAttachments = disks
    .flatMap((volume) => {
      const device = deviceIn(volume, server.id);
      return device === null ? [] : { volume, device };
    })
    .sort((a, b) => (a.device < b.device ? -1 : 1))
    .map(({ volume, device }) => ({
      pciAddress: `0000:02:${(bootIndex(device) + 1).toString(16).padStart(2, '0')}.0`,
      volumeId: volume.id,
      device,
      serverId: server.id,
      id: volume.id,
      size: volume.size,
      bootIndex: bootIndex(device),
      bus: isScsi(volume) ? 'scsi' : 'virtio',
    }));
  const attachableQuantity = { free_scsi: free, free_blk: free, free_disk: free };
  return { status: 200, body: { attachableQuantity, volumeAttachments } };
};
