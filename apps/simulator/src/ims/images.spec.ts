import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;
const other = 'ab'.repeat(16);

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
  await cloud.switch('PUT', `/projects/${other}`, {});
});
afterAll(() => simulator.close());

interface ImageBody {
  readonly id: string;
  readonly name: string;
  readonly visibility: string;
}
interface ImagesBody {
  readonly images: readonly ImageBody[];
  readonly next?: string;
}

const list = async (query = '', by = cloud): Promise<readonly ImageBody[]> =>
  (await by.request<ImagesBody>('GET', `/ims/v2/cloudimages${query}`)).body.images;
const namesIn = async (query = '', by = cloud) => (await list(query, by)).map(({ name }) => name);
const make = async (body: Readonly<Record<string, unknown>>): Promise<string> =>
  (await cloud.switch<{ id: string }>('POST', '/images', body)).body.id;
const refusalOf = async (path: string) => {
  const { status, body } = await cloud.request<{ error: { code: string } }>('GET', `/ims${path}`);
  return [status, body.error.code];
};

describe('the images of the region', () => {
  it('are public ones from the start, newest first, one of them for bare metal only', async () => {
    const all = await list('?__imagetype=gold&visibility=public&protected=true');
    expect(all).toHaveLength(4);
    expect(await namesIn('?virtual_env_type=Ironic')).toHaveLength(1);
    expect(await namesIn('?__os_type=Windows&min_disk=40')).toEqual(['Standard_Windows_2022_STD_amd64_bios_latest']);
    expect((await list('?sort_dir=asc')).map(({ id }) => id)).toEqual(all.map(({ id }) => id).toReversed());
  });

  it('are private to the project whose they are', async () => {
    const id = await make({ projectId: cloud.projectId, name: 'mine', minDisk: 12 });
    expect(await list(`?owner=${cloud.projectId}`)).toMatchObject([{ id, visibility: 'private', min_disk: 12 }]);
    const stranger = await enter(simulator, other);
    expect(await namesIn('', stranger)).not.toContain('mine');
    expect(await stranger.request('GET', `/ims/v2/images/${id}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'IMG.0027' } },
    });
  });

  it('are listed to whom they were shared with once that was accepted', async () => {
    const id = await make({ projectId: other, name: 'theirs', members: { [cloud.projectId]: 'pending' } });
    const accepted = '?member_status=accepted&visibility=shared&__imagetype=shared';
    expect(await namesIn(accepted)).toEqual([]);
    expect(await namesIn('?member_status=pending&visibility=shared')).toEqual(['theirs']);
    await cloud.switch('PATCH', `/images/${id}`, { members: { [cloud.projectId]: 'accepted' } });
    expect(await list(accepted)).toMatchObject([{ id, visibility: 'shared', owner: other }]);
    expect(await namesIn('?visibility=private', await enter(simulator, other))).toEqual(['theirs']);
  });

  it('are found by name, key and time', async () => {
    await cloud.freeze();
    await make({ projectId: cloud.projectId, name: 'old' });
    await cloud.advance(3_600_000);
    const cmkId = 'b3c7d915-0f8e-42a6-9d1b-5e60f7a4c832';
    await make({ projectId: cloud.projectId, name: 'locked', cmkId });
    const [{ created_at: since = '' } = {}] = (await list('?name=locked')) as readonly { created_at?: string }[];
    expect(await namesIn(`?__system__cmkid=${cmkId}`)).toEqual(['locked']);
    expect(await namesIn(`?visibility=private&created_at=lt:${since}`)).toEqual(['old']);
    expect(await namesIn(`?visibility=private&created_at=gte:${since}`)).toEqual(['locked']);
  });

  it('come in pages by marker, on the path of Glance with the way to the next', async () => {
    const all = (await list()).map(({ id }) => id);
    expect((await list(`?limit=2&marker=${all[0]}`)).map(({ id }) => id)).toEqual(all.slice(1, 3));
    const seen: string[] = [];
    let path: string | undefined = '/v2/images?limit=3';
    for (let page = 0; page < 3 && path !== undefined; page += 1) {
      const { body }: { body: ImagesBody } = await cloud.request<ImagesBody>('GET', `/ims${path}`);
      seen.push(...body.images.map(({ id }) => id));
      path = body.next;
    }
    expect({ seen, path }).toEqual({ seen: all, path: undefined });
  });

  it.each([
    ['an image type that does not exist', '/v2/cloudimages?__imagetype=bogus', 'IMG.0024'],
    ['a limit that is no number', '/v2/images?limit=many', 'IMG.0001'],
    ['an order that does not exist', '/v2/cloudimages?sort_key=owner', 'IMG.0001'],
    ['a time without an operator', '/v2/cloudimages?created_at=2026-01-01T00:00:00Z', 'IMG.0001'],
    [
      'a marker that is nothing',
      `/v2/cloudimages?marker=${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`,
      'IMG.0027',
    ],
    ['an id of another form', '/v2/images/debian', 'IMG.0066'],
  ])('are not told for %s', async (_, path, code) => {
    expect(await refusalOf(path)).toEqual([400, code]);
  });

  it('are nobody’s without a token', async () => {
    expect((await cloud.request('GET', '/ims/v2/images', undefined, { 'X-Auth-Token': '' })).status).toBe(401);
  });
});

describe('the switches for images', () => {
  it('change and remove them, also those that were there from the start', async () => {
    const [first, second] = await list();
    await cloud.switch('PATCH', `/images/${first?.id}`, { status: 'killed' });
    await cloud.switch('DELETE', `/images/${second?.id}`);
    expect(await list()).toHaveLength(3);
    expect(await list('?status=active')).toHaveLength(2);
    expect((await cloud.switch('DELETE', `/images/${second?.id}`)).status).toBe(404);
  });

  it('are remembered over a restart', async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'simulator-'));
    try {
      const before = await startSimulator({ dataFolder });
      cloud = await enter(before);
      await cloud.switch('DELETE', `/images/${(await list())[0]?.id}`);
      await make({ projectId: cloud.projectId, name: 'kept' });
      const names = await namesIn();
      await before.close();
      const after = await startSimulator({ dataFolder });
      expect(await namesIn('', await enter(after))).toEqual(names);
      await after.close();
    } finally {
      rmSync(dataFolder, { recursive: true, force: true });
    }
  });
});
