import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { isUuid } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { deviceFor, freeDevice, isRoot, type Place } from './attachment.js';
import { touched, type Accepted } from './disk-work.js';
import { ATTACHABLE, type Server } from './server.js';
import { serversOf, type Volume } from './volume.js';
import { jobFor, planWork } from './work.js';

/** A system disk and 23 data disks. */
export const MAX_DISKS_PER_SERVER = 24;
export const MAX_SERVERS_PER_DISK = 16;

export interface Placed {
  readonly server: Server;
  readonly volume: Volume;
  readonly place: Place;
}

/** The server that the path names, in the caller's project. */
export const findServer = ({ world }: Cloud, { params, projectId }: Call): Server | Refusal =>
  world.projects.get(projectId)?.servers.get(params['serverId'] ?? '') ?? refuse('Ecs.0114');

export const isScsi = ({ metadata }: Volume): boolean => metadata['hw:passthrough'] === 'true';

/** Which disks a server has, or is just about to get or lose. */
export const disksOf = ({ world }: Cloud, { id, projectId }: Server): readonly Volume[] =>
  [...(world.projects.get(projectId)?.byServer.get(id) ?? [])].flatMap(({ current }) => current ?? []);

/** The device under which a disk is, or soon will be, in a server. */
export const deviceIn = (volume: Volume, serverId: string): string | null => {
  const coming = volume.transition?.kind === 'attach' ? [volume.transition.place] : [];
  return [...volume.attachments, ...coming].find((place) => place.serverId === serverId)?.device ?? null;
};

/** Whether the disk may go where it shall (EVS reference §1.6), and under which name. Changes nothing. */
export const placeDisk = (cloud: Cloud, call: Call, volumeId: string, asked: string | null): Placed | Refusal => {
  const server = findServer(cloud, call);
  if (isRefusal(server)) return server;
  if (!isUuid(volumeId)) return refuse('Ecs.0005', 'volumeId must be a UUID');
  const volume = cloud.world.volume(volumeId);
  if (volume?.projectId !== call.projectId) return refuse('Ecs.0103', 'no such disk');
  if (!ATTACHABLE.includes(server.status)) return refuse('Ecs.0100', `the server is ${server.status}`);
  if (volume.zone !== server.zone) return refuse('Ecs.0121', `${volume.zone} and ${server.zone}`);
  const held = checkHolders(cloud, volume, server);
  if (held) return held;
  const device = chooseDevice(cloud, server, volume, asked);
  if (isRefusal(device)) return device;
  return { server, volume, place: { attachmentId: randomUUID(), serverId: server.id, device } };
};

/** A disk of its own is for one server, a shared one for several of the same kind. */
const checkHolders = ({ world }: Cloud, volume: Volume, server: Server): Refusal | null => {
  const holders = serversOf(volume);
  if (holders.includes(server.id)) return refuse('Ecs.0057');
  const ready = volume.status === 'available' || (volume.status === 'in-use' && volume.multiattach);
  if (!ready) return refuse('Ecs.0103', `it is ${volume.status}`);
  if (holders.length >= MAX_SERVERS_PER_DISK)
    return refuse('Ecs.0017', `a shared disk has at most ${MAX_SERVERS_PER_DISK} servers`);
  const { servers } = world.projects.get(volume.projectId) ?? {};
  const other = holders.find((id) => servers?.get(id)?.osType !== server.osType);
  return other === undefined ? null : refuse('Ecs.0017', 'the servers of a shared disk run the same kind of system');
};

const chooseDevice = (cloud: Cloud, server: Server, volume: Volume, asked: string | null): string | Refusal => {
  const disks = disksOf(cloud, server);
  if (disks.length >= MAX_DISKS_PER_SERVER) return refuse('Ecs.0104');
  const taken = disks.flatMap((disk) => deviceIn(disk, server.id) ?? []);
  if (asked === null) {
    if (volume.bootable) return refuse('Ecs.0005', 'a bootable disk needs a device');
    return freeDevice(taken, isScsi(volume)) ?? refuse('Ecs.0104');
  }
  const device = deviceFor(asked, isScsi(volume));
  if (device === null) return refuse('Ecs.0005', `${asked} is no device`);
  if (taken.some((each) => each.at(-1) === device.at(-1))) return refuse('Ecs.0005', `${device} is taken`);
  if (!isRoot(device)) return device;
  if (!volume.bootable || volume.multiattach) return refuse('Ecs.0005', 'only a system disk can be the first one');
  return server.status === 'SHUTOFF' ? device : refuse('Ecs.0100', 'a system disk needs a stopped server');
};

/** Reserves the disk and begins to attach it. */
export const attachDisk = (cloud: Cloud, call: Call, { server, volume, place }: Placed): Accepted => {
  const { operation, projectId, nowMs } = call;
  const plan = planWork(cloud, { type: 'attachVolume', operation, projectId, diskName: volume.name, nowMs });
  const { endMs, outcome } = plan;
  const transition = { kind: 'attach', place, endMs, outcome } as const;
  const attaching: Volume = touched({ ...volume, status: 'attaching', transition }, nowMs);
  const job = { ...jobFor('attachVolume', volume, plan), serverId: server.id };
  cloud.world.commit({ kind: 'accepted', volumes: [attaching], jobs: [job] });
  return { jobId: job.id, volumes: [attaching] };
};

/** Begins to take the disk that the path names out of the server. `force` is for data disks only. */
export const detachDisk = (cloud: Cloud, call: Call, force: boolean): Accepted | Refusal => {
  const server = findServer(cloud, call);
  if (isRefusal(server)) return server;
  const volume = cloud.world.volume(call.params['volumeId'] ?? '');
  const attached = volume?.attachments.find(({ serverId }) => serverId === server.id);
  if (!volume || !attached) return refuse('Ecs.0111');
  if (volume.status !== 'in-use') return refuse('Ecs.0102', `it is ${volume.status}`);
  if (isRoot(attached.device)) {
    if (force) return refuse('Ecs.0005', 'a system disk cannot be detached by force');
    if (server.status !== 'SHUTOFF') return refuse('Ecs.0100', `the server is ${server.status}`);
  }
  const { operation, projectId, nowMs } = call;
  const plan = planWork(cloud, { type: 'detachVolume', operation, projectId, diskName: volume.name, nowMs });
  const { endMs, outcome } = plan;
  const transition = { kind: 'detach', serverId: server.id, endMs, outcome } as const;
  const detaching: Volume = touched({ ...volume, status: 'detaching', transition }, nowMs);
  const job = { ...jobFor('detachVolume', volume, plan), serverId: server.id };
  cloud.world.commit({ kind: 'accepted', volumes: [detaching], jobs: [job] });
  return { jobId: job.id, volumes: [detaching] };
};
