import { createHash } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { deviceIn, disksOf, findServer } from '../world/attachment-work.js';
import { bootIndex } from '../world/attachment.js';
import type { Server } from '../world/server.js';
import { secondTime } from '../world/times.js';

/** The servers of a project, as far as disks are concerned. */
export const serverRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'servers.list',
    method: 'GET',
    paths: ['/ecs/v1/:projectId/cloudservers/detail'],
    surface: 'ecs',
    handle: (call) => list(cloud, call),
  },
  {
    operation: 'servers.get',
    method: 'GET',
    paths: ['/ecs/v1/:projectId/cloudservers/:serverId'],
    surface: 'ecs',
    handle: (call) => {
      const server = findServer(cloud, call);
      return isRefusal(server) ? server : { status: 200, body: { server: serverDetail(cloud, server) } };
    },
  },
];

const wholeNumber = /^[1-9]\d{0,8}$/;
const MAX_LIMIT = 1_000;

/** `offset` counts pages from 1 here, unlike everywhere else; `name` is a part of it. */
const list = (cloud: Cloud, { projectId, query }: Call): Answer | Refusal => {
  const { offset = '1', limit = '25', name = '', status } = query;
  if (!wholeNumber.test(offset)) return refuse('Ecs.0005', 'offset');
  if (!wholeNumber.test(limit) || Number(limit) > MAX_LIMIT) return refuse('Ecs.0005', 'limit');
  const servers = [...(cloud.world.projects.get(projectId)?.servers.values() ?? [])].filter(
    (server) => server.name.includes(name) && (status === undefined || server.status === status.toUpperCase()),
  );
  const start = (Number(offset) - 1) * Number(limit);
  const page = servers.slice(start, start + Number(limit));
  return { status: 200, body: { servers: page.map((server) => serverDetail(cloud, server)), count: servers.length } };
};

const vmStates: Readonly<Record<string, string>> = {
  SHUTOFF: 'stopped',
  PAUSED: 'paused',
  SUSPENDED: 'suspended',
  ERROR: 'error',
  BUILD: 'building',
  RESIZE: 'active',
  VERIFY_RESIZE: 'resized',
};

const serverDetail = (cloud: Cloud, server: Server) => ({
  id: server.id,
  name: server.name,
  addresses: {},
  flavor: { disk: '0', vcpus: '2', ram: '4096', id: 's3.large.2', name: 's3.large.2' },
  accessIPv4: '',
  accessIPv6: '',
  status: server.status,
  progress: 0,
  hostId: createHash('sha224').update(server.id).digest('hex'),
  created: secondTime(server.createdMs),
  updated: secondTime(server.updatedMs),
  metadata: { os_type: server.osType, os_bit: '64' },
  tags: [],
  description: '',
  locked: false,
  config_drive: '',
  tenant_id: server.projectId,
  user_id: cloud.world.seed.user.id,
  key_name: null,
  'os-extended-volumes:volumes_attached': attachedTo(cloud, server),
  'OS-EXT-STS:task_state': null,
  'OS-EXT-STS:power_state': server.status === 'ACTIVE' ? 1 : 4,
  'OS-EXT-STS:vm_state': vmStates[server.status] ?? 'active',
  'OS-DCF:diskConfig': 'MANUAL',
  'OS-EXT-AZ:availability_zone': server.zone,
  'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
  host_status: 'UP',
  sys_tags: [{ key: '_sys_enterprise_project_id', value: '0' }],
  security_groups: [],
  image: { id: '' },
});

const attachedTo = (cloud: Cloud, server: Server) =>
  disksOf(cloud, server).flatMap((volume) => {
    const device = deviceIn(volume, server.id);
    if (device === null) return [];
    return { id: volume.id, delete_on_termination: 'false', device, bootIndex: String(bootIndex(device)) };
  });
