import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { attachDisk, detachDisk, findServer, disksOf, deviceIn, placeDisk } from '../world/attachment-work.js';
import type { Server } from '../world/server.js';
import { readAttachment } from './server-disks.js';

const collection = ['/ecs/v2.1/:projectId/servers/:serverId/os-volume_attachments'];
const single = ['/ecs/v2.1/:projectId/servers/:serverId/os-volume_attachments/:volumeId'];

/** Attachments in Nova's manner: followed by the disk's status, there is no job (EVS reference §1.6). */
export const attachmentRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'attachments.create',
    method: 'POST',
    paths: collection,
    ...changing,
    handle: (call) => create(cloud, call),
  },
  {
    operation: 'attachments.list',
    method: 'GET',
    paths: collection,
    surface: 'nova',
    handle: (call) => list(cloud, call),
  },
  { operation: 'attachments.get', method: 'GET', paths: single, surface: 'nova', handle: (call) => get(cloud, call) },
  {
    operation: 'attachments.remove',
    method: 'DELETE',
    paths: single,
    ...changing,
    handle: (call) => {
      const attachment = find(cloud, call);
      if (isRefusal(attachment)) return attachment;
      const accepted = detachDisk(cloud, call, false);
      return isRefusal(accepted) ? accepted : { status: 202 };
    },
  },
];

const changing = { surface: 'nova', malformed: 'Ecs.0005', writes: true } as const;

/** The attachment's own id is that of the disk. */
const view = ({ id: serverId }: Server, volumeId: string, device: string) => ({
  device,
  serverId,
  id: volumeId,
  volumeId,
});

const attachmentsOf = (cloud: Cloud, server: Server) =>
  disksOf(cloud, server).flatMap((volume) => {
    const device = deviceIn(volume, server.id);
    return device === null ? [] : view(server, volume.id, device);
  });

const create = (cloud: Cloud, call: Call): Answer | Refusal => {
  const asked = readAttachment(call.body);
  if (isRefusal(asked)) return asked;
  const { volumeId, device } = asked;
  if (cloud.world.volume(volumeId)?.projectId !== call.projectId) return refuse('EVS.5404', 'no such disk');
  const placed = placeDisk(cloud, call, volumeId, device);
  if (isRefusal(placed)) return placed;
  attachDisk(cloud, call, placed);
  return { status: 200, body: { volumeAttachment: view(placed.server, volumeId, placed.place.device) } };
};

const list = (cloud: Cloud, call: Call): Answer | Refusal => {
  const server = findServer(cloud, call);
  return isRefusal(server) ? server : { status: 200, body: { volumeAttachments: attachmentsOf(cloud, server) } };
};

const find = (cloud: Cloud, call: Call) => {
  const server = findServer(cloud, call);
  if (isRefusal(server)) return server;
  const found = attachmentsOf(cloud, server).find(({ volumeId }) => volumeId === call.params['volumeId']);
  return found ?? refuse('EVS.5404', 'the disk is not attached to this server');
};

const get = (cloud: Cloud, call: Call): Answer | Refusal => {
  const found = find(cloud, call);
  return isRefusal(found) ? found : { status: 200, body: { volumeAttachment: found } };
};
