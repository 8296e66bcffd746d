import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enter, type CloudClient, type ListBody } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;
let id: string;
beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
  cloud = await enter(simulator);
  id = await cloud.disk({ name: 'before', tags: { team: 'a', env: 'prod' } });
});
afterAll(() => simulator.close());

type Body = Readonly<Record<string, unknown>>;

describe('calls that are deprecated and answered all the same', () => {
  it('rename a disk (N7), with an answer that is not wrapped', async () => {
    const path = `/cloudvolumes/${id}`;
    const { status, body } = await cloud.evs<Body>('PUT', path, { volume: { name: 'after', description: null } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, name: 'after', volume_image_metadata: null, 'os-vol-host-attr:host': null });
    expect(body).toMatchObject({ 'os-vol-tenant-attr:tenant_id': null });
    expect((await cloud.volume(id)).name).toBe('after');
    const codeOf = async (volume: unknown) =>
      (await cloud.evs<{ error: { code: string } }>('PUT', path, { volume })).body.error.code;
    expect(await codeOf({ name: null })).toBe('EVS.1007');
    expect(await codeOf(undefined)).toBe('EVS.1001');
    expect(await codeOf({ name: 'ü'.repeat(128) })).toBe('EVS.1003');
    expect(await codeOf({ description: 'x'.repeat(256) })).toBe('EVS.1004');
  });

  it('list disks in brief (N8)', async () => {
    const { body } = await cloud.evs('GET', '/cloudvolumes?limit=5');
    expect(body).toEqual({ volumes: [{ id, name: 'after', links: expect.any(Array) as unknown }] });
  });

  it('list disks in full (N9)', async () => {
    const { body } = await cloud.evs<ListBody>('GET', '/os-vendor-volumes/detail?status=available');
    expect(body).toEqual(await cloud.list('?status=available'));
  });

  it.each(['volumes', 'snapshots'] as const)('read and change the tags of %s as a map (N22–N26)', async (type) => {
    const resource = type === 'volumes' ? id : await cloud.takeSnapshot(id, { name: 'tagged' });
    const path = `/os-vendor-tags/${type}/${resource}`;
    const tags = async () => (await cloud.evs('GET', path)).body;
    expect((await cloud.evs('PUT', path, { tags: { team: 'a', env: 'prod' } })).status).toBe(200);
    expect((await cloud.evs('POST', path, { tags: { env: 'test', cost: '7' } })).status).toBe(200);
    expect(await tags()).toEqual({ tags: { team: 'a', env: 'test', cost: '7' } });
    expect((await cloud.evs('GET', `${path}/env`)).body).toEqual({ tag: { env: 'test' } });
    expect((await cloud.evs('PUT', `${path}/env`, { tag: { env: 'prod' } })).body).toEqual({ tag: { env: 'prod' } });
    expect((await cloud.evs('POST', `${path}/action`, { 'os-delete_tags': { cost: '7', none: '' } })).status).toBe(200);
    expect(await tags()).toEqual({ tags: { team: 'a', env: 'prod' } });
  });

  it('refuse with numbers for codes', async () => {
    const path = `/os-vendor-tags/volumes/${id}`;
    expect(await cloud.evs('GET', `${path}/none`)).toMatchObject({
      status: 404,
      body: { itemNotFound: { code: 404 } },
    });
    expect(await cloud.evs('PUT', `${path}/none`, { tag: { none: 'x' } })).toMatchObject({ status: 404 });
    for (const [method, below, body] of [
      ['PUT', '/env', { tag: { other: 'x' } }],
      ['POST', '', { tags: { 'a b': 'x' } }],
      ['POST', '/action', {}],
    ] as const)
      expect(await cloud.evs(method, path + below, body)).toMatchObject({
        status: 400,
        body: { badRequest: { code: 400 } },
      });
    expect((await cloud.evs('GET', '/os-vendor-tags/volumes/00000000-0000-4000-8000-000000000000')).status).toBe(404);
  });

  it('find resources by their tags (N27)', async () => {
    const other = await cloud.disk({ name: 'other', tags: { team: 'b' } });
    const found = async (query: string) => {
      const { body } = await cloud.evs<{ total_count: number; resources: readonly { resource_id: string }[] }>(
        'GET',
        `/os-vendor-tags/volumes/resource_instances${query}`,
      );
      expect(body.total_count).toBe(body.resources.length);
      return body.resources.map(({ resource_id }) => resource_id);
    };
    expect(await found('')).toEqual([other, id]);
    expect(await found("?tags={'team':['a','c'],'env':['prod']}")).toEqual([id]);
    expect(await found("?tags_any={'team':['b'],'env':['prod']}")).toEqual([other, id]);
    expect(await found("?not_tags={'team':['a'],'env':['prod']}")).toEqual([other]);
    expect(await found("?not_tags_any={'team':['b'],'env':['prod']}")).toEqual([]);
    expect((await cloud.evs('GET', '/os-vendor-tags/volumes/resource_instances?tags=team')).status).toBe(400);
    const { body } = await cloud.evs<Body>('GET', '/os-vendor-tags/snapshots/resource_instances');
    expect(body).toMatchObject({ total_count: 1, resources: [{ resource_name: 'tagged', tags: { team: 'a' } }] });
  });

  it('name the extensions of Cinder (C12)', async () => {
    const { body } = await cloud.evs<{ extensions: readonly { alias: string }[] }>('GET', '/extensions');
    expect(body.extensions.map(({ alias }) => alias)).toContain('os-volume-actions');
  });

  it('show a disk as the first version did (C15)', async () => {
    const path = `/v1/${cloud.projectId}/volumes/${id}`;
    const { status, body } = await cloud.request<{ volume: Body }>('GET', path);
    expect(status).toBe(200);
    expect(body.volume).toMatchObject({ id, display_name: 'after', display_description: null, size: 10 });
    expect(body.volume).not.toHaveProperty('name');
  });
});
