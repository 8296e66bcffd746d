import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Cloud } from '../cloud.js';
import { deviceIn, disksOf, isScsi } from '../world/attachment-work.js';
import { deviceFor, freeDevice } from '../world/attachment.js';
import { touched } from '../world/disk-work.js';
import { OS_TYPES, SERVER_STATUSES, type Server } from '../world/server.js';
import { withAttachments, type Volume } from '../world/volume.js';
import type { World } from '../world/world.js';
import { projectId } from './bodies.js';
import { BadSwitch, parse } from './read-switch.js';
import { diskView, serverView } from './state-view.js';

const changeable = {
  name: z.string().min(1).max(255).optional(),
  status: z.enum(SERVER_STATUSES).optional(),
  osType: z.enum(OS_TYPES).optional(),
};

const ServerBody = z.strictObject({
  projectId,
  availabilityZone: z.string().min(1),
  /** Left out, a new one. */
  id: z.uuid().optional(),
  ...changeable,
});

const ServerChange = z
  .strictObject(changeable)
  .refine((body) => Object.keys(body).length > 0, 'something to change is needed');

const AttachmentBody = z.strictObject({ diskId: z.string(), device: z.string().optional() });

interface Named {
  readonly id: string;
}

/** Makes, changes and removes servers, and moves disks between them at once, as somebody else would in the same project. */
export const serverSwitches = (app: FastifyInstance, cloud: Cloud): void => {
  const { world } = cloud;
  app.post('/_simulator/servers', ({ body }) => makeServer(world, parse(ServerBody, body)));
  app.patch<{ Params: Named }>('/_simulator/servers/:id', ({ params, body }, reply) =>
    onServer(world, params.id, reply, (server, nowMs) => {
      const given = Object.entries(parse(ServerChange, body)).filter(([, value]) => value !== undefined);
      return keep(world, { ...server, ...Object.fromEntries(given), updatedMs: nowMs });
    }),
  );
  app.delete<{ Params: Named }>('/_simulator/servers/:id', ({ params: { id } }, reply) =>
    onServer(world, id, reply, (server, nowMs) => removeServer(cloud, server, nowMs)),
  );
  app.post<{ Params: Named }>('/_simulator/servers/:id/attachments', ({ params: { id }, body }, reply) =>
    onServer(world, id, reply, (server, nowMs) => attachBehind(cloud, server, parse(AttachmentBody, body), nowMs)),
  );
  app.delete<{ Params: Named & { diskId: string } }>(
    '/_simulator/servers/:id/attachments/:diskId',
    ({ params: { id, diskId } }, reply) =>
      onServer(world, id, reply, (server, nowMs) => detachBehind(cloud, server, diskId, nowMs)),
  );
};

const onServer = (
  world: World,
  id: string,
  reply: FastifyReply,
  act: (server: Server, nowMs: number) => unknown,
): unknown => {
  const nowMs = world.settle();
  const server = [...world.projects.values()].flatMap(({ servers }) => servers.get(id) ?? [])[0];
  return server ? act(server, nowMs) : reply.code(404).send({ error: `there is no server ${id}` });
};

const keep = (world: World, server: Server) => {
  world.commit({ kind: 'server', server });
  return serverView(server);
};

const makeServer = (world: World, body: z.infer<typeof ServerBody>) => {
  const nowMs = world.settle();
  if (!world.projects.has(body.projectId)) throw new BadSwitch(`there is no project ${body.projectId}`);
  if (!world.zones.has(body.availabilityZone)) throw new BadSwitch(`there is no zone ${body.availabilityZone}`);
  const id = body.id ?? randomUUID();
  if ([...world.projects.values()].some(({ servers }) => servers.has(id))) throw new BadSwitch(`${id} exists already`);
  return keep(world, {
    id,
    projectId: body.projectId,
    name: body.name ?? `ecs-${id.slice(0, 4)}`,
    status: body.status ?? 'ACTIVE',
    zone: body.availabilityZone,
    osType: body.osType ?? 'Linux',
    createdMs: nowMs,
    updatedMs: nowMs,
  });
};

/** The disk without this server, also where it is only on its way there or away; work of another kind goes on. */
const without = ({ id }: Server, volume: Volume): Volume => {
  const attachments = volume.attachments.filter(({ serverId }) => serverId !== id);
  const { transition } = volume;
  const moving = transition?.kind === 'attach' || transition?.kind === 'detach';
  return transition === null || moving ? withAttachments(volume, attachments) : { ...volume, attachments };
};

/** A server that goes lets go of its disks. */
const removeServer = (cloud: Cloud, server: Server, nowMs: number) => {
  const volumes = disksOf(cloud, server).map((volume) => touched(without(server, volume), nowMs));
  if (volumes.length > 0) cloud.world.commit({ kind: 'accepted', volumes, jobs: [] });
  cloud.world.commit({ kind: 'server-removed', projectId: server.projectId, serverId: server.id });
  return { id: server.id, deleted: true };
};

const diskOf = ({ world }: Cloud, server: Server, diskId: string): Volume => {
  const volume = world.volume(diskId);
  if (volume?.projectId !== server.projectId) throw new BadSwitch(`the project has no disk ${diskId}`);
  return volume;
};

const attachBehind = (cloud: Cloud, server: Server, body: z.infer<typeof AttachmentBody>, nowMs: number) => {
  const volume = diskOf(cloud, server, body.diskId);
  const taken = disksOf(cloud, server).flatMap((disk) => deviceIn(disk, server.id) ?? []);
  const scsi = isScsi(volume);
  const device = body.device === undefined ? freeDevice(taken, scsi) : deviceFor(body.device, scsi);
  if (deviceIn(volume, server.id) !== null) throw new BadSwitch('the disk is attached to this server already');
  if (device === null || taken.includes(device)) throw new BadSwitch('the server has no such device free');
  const attached = { attachmentId: randomUUID(), serverId: server.id, device, attachedMicros: nowMs * 1_000 };
  return change(cloud, withAttachments(volume, [...volume.attachments, attached]), nowMs);
};

const detachBehind = (cloud: Cloud, server: Server, diskId: string, nowMs: number) => {
  const volume = diskOf(cloud, server, diskId);
  if (deviceIn(volume, server.id) === null) throw new BadSwitch('the disk is not attached to this server');
  return change(cloud, without(server, volume), nowMs);
};

const change = ({ world }: Cloud, volume: Volume, nowMs: number) => {
  const changed = touched(volume, nowMs);
  world.commit({ kind: 'accepted', volumes: [changed], jobs: [] });
  return diskView(changed);
};
