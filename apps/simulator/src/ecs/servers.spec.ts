import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
});
afterAll(() => simulator.close());

interface ServerBody {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly 'OS-EXT-AZ:availability_zone': string;
  readonly 'os-extended-volumes:volumes_attached': readonly unknown[];
}
interface ServersBody {
  readonly count: number;
  readonly servers: readonly ServerBody[];
}

const servers = async (query = ''): Promise<ServersBody> =>
  (await cloud.request<ServersBody>('GET', `/ecs/v1/${cloud.projectId}/cloudservers/detail${query}`)).body;

describe('the servers of a project', () => {
  it('are there from the start in every zone, with ids that a reset does not change', async () => {
    const before = await servers();
    expect(before.count).toBe(9);
    const zones = before.servers.map((server) => server['OS-EXT-AZ:availability_zone']);
    expect(new Set(zones)).toEqual(new Set(['eu-de-01', 'eu-de-02', 'eu-de-03']));
    await cloud.switch('POST', '/reset');
    cloud = await enter(simulator);
    expect((await servers()).servers.map(({ id }) => id)).toEqual(before.servers.map(({ id }) => id));
  });

  it('are other ones in another project', async () => {
    const second = 'ab'.repeat(16);
    await cloud.switch('PUT', `/projects/${second}`, {});
    const [mine] = (await servers()).servers;
    cloud = await enter(simulator, second);
    expect((await servers()).count).toBe(9);
    expect((await servers()).servers.map(({ id }) => id)).not.toContain(mine?.id);
    const path = `/ecs/v1/${second}/cloudservers/${mine?.id}`;
    expect(await cloud.request('GET', path)).toMatchObject({ status: 404, body: { error: { code: 'Ecs.0114' } } });
  });

  it('are told in pages that count from one, by status and by a part of the name', async () => {
    const all = (await servers()).servers.map(({ id }) => id);
    expect((await servers('?limit=4&offset=3')).servers.map(({ id }) => id)).toEqual(all.slice(8));
    expect(await servers('?status=SHUTOFF&limit=1')).toMatchObject({ count: 3, servers: [{ status: 'SHUTOFF' }] });
    expect((await servers('?name=de-02-app')).servers.map(({ name }) => name)).toEqual([
      'eu-de-02-app-1',
      'eu-de-02-app-2',
    ]);
    const { status, body } = await cloud.request('GET', `/ecs/v1/${cloud.projectId}/cloudservers/detail?offset=0`);
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 'Ecs.0005' } } });
  });

  it('are nobody’s without a token of the project', async () => {
    const path = `/ecs/v1/${'cd'.repeat(16)}/cloudservers/detail`;
    expect(await cloud.request('GET', path)).toMatchObject({ status: 403, body: { error: { code: 'Ecs.0003' } } });
    expect((await cloud.request('GET', path, undefined, { 'X-Auth-Token': '' })).status).toBe(401);
  });

  it('show the disks that they have', async () => {
    const [first] = (await servers('?status=ACTIVE')).servers;
    const diskId = await cloud.disk();
    await cloud.switch('POST', `/servers/${first?.id}/attachments`, { diskId });
    const { body } = await cloud.request('GET', `/ecs/v1/${cloud.projectId}/cloudservers/${first?.id}`);
    expect(body).toMatchObject({
      server: {
        id: first?.id,
        'OS-EXT-STS:vm_state': 'active',
        'os-extended-volumes:volumes_attached': [{ id: diskId, device: '/dev/vdb', bootIndex: '1' }],
      },
    });
  });
});

describe('the switches for servers', () => {
  const make = async (body: Record<string, unknown> = {}) =>
    (
      await cloud.switch<{ id: string }>('POST', '/servers', {
        projectId: cloud.projectId,
        availabilityZone: 'eu-de-01',
        ...body,
      })
    ).body.id;
  const shown = async () => {
    type State = { projects: { servers: { id: string; status: string }[] }[] };
    return (await cloud.switch<State>('GET', '/state')).body.projects[0]?.servers ?? [];
  };

  it('make, change and remove them', async () => {
    const id = await make({ status: 'PAUSED', osType: 'Windows', name: 'mine' });
    expect(await shown()).toContainEqual({
      id,
      name: 'mine',
      status: 'PAUSED',
      availabilityZone: 'eu-de-01',
      osType: 'Windows',
    });
    await cloud.switch('PATCH', `/servers/${id}`, { status: 'SHUTOFF' });
    expect((await shown()).find((server) => server.id === id)?.status).toBe('SHUTOFF');
    expect((await cloud.switch('DELETE', `/servers/${id}`)).body).toEqual({ id, deleted: true });
    expect((await shown()).map((server) => server.id)).not.toContain(id);
    expect((await cloud.switch('DELETE', `/servers/${id}`)).status).toBe(404);
  });

  it.each([
    ['a status that does not exist', { status: 'ASLEEP' }],
    ['a zone that does not exist', { availabilityZone: 'eu-nl-01' }],
    ['a project that does not exist', { projectId: 'cd'.repeat(16) }],
  ])('refuse %s', async (_, body) => {
    const answer = await cloud.switch('POST', '/servers', {
      projectId: cloud.projectId,
      availabilityZone: 'eu-de-01',
      ...body,
    });
    expect(answer.status).toBe(400);
  });

  it('attach and detach a disk at once, whatever the cloud would have said', async () => {
    const id = await make({ availabilityZone: 'eu-de-02', status: 'SUSPENDED' });
    const diskId = await cloud.disk();
    await cloud.switch('POST', `/servers/${id}/attachments`, { diskId, device: '/dev/vdd' });
    expect(await cloud.volume(diskId)).toMatchObject({
      status: 'in-use',
      attachments: [{ server_id: id, device: '/dev/vdd' }],
    });
    expect((await cloud.switch('POST', `/servers/${id}/attachments`, { diskId })).status).toBe(400);
    await cloud.switch('DELETE', `/servers/${id}/attachments/${diskId}`);
    expect(await cloud.volume(diskId)).toMatchObject({ status: 'available', attachments: [] });
    expect((await cloud.switch('DELETE', `/servers/${id}/attachments/${diskId}`)).status).toBe(400);
  });

  it('let a server that goes let go of its disks', async () => {
    const [staying, going] = [await make(), await make()];
    const shared = await cloud.disk({ multiattach: true });
    const own = await cloud.disk();
    for (const id of [staying, going]) await cloud.switch('POST', `/servers/${id}/attachments`, { diskId: shared });
    await cloud.switch('POST', `/servers/${going}/attachments`, { diskId: own });
    await cloud.switch('DELETE', `/servers/${going}`);
    expect(await cloud.volume(own)).toMatchObject({ status: 'available', attachments: [] });
    expect(await cloud.volume(shared)).toMatchObject({ status: 'in-use', attachments: [{ server_id: staying }] });
  });
});
