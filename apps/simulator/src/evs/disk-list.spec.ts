import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type ListBody } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;
let ids: string[];

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
  cloud = await enter(simulator);
  ids = [];
  for (let index = 0; index < 7; index += 1) {
    const odd = index % 2 === 1;
    ids.push(
      await cloud.disk({
        name: odd ? 'odd' : 'even',
        size: 10 + ((index * 3) % 7),
        volume_type: odd ? 'SAS' : 'SSD',
        availability_zone: index < 3 ? 'eu-de-01' : 'eu-de-02',
        multiattach: index === 0,
        metadata: { parity: odd ? 'odd' : 'even', index: String(index) },
      }),
    );
  }
});
afterAll(() => simulator.close());

const newestFirst = () => ids.toReversed();
const idsOf = ({ volumes }: ListBody) => volumes.map(({ id }) => id);
const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));

describe('the list of disks', () => {
  it('is newest first and counts all', async () => {
    const list = await cloud.list();
    expect(list.count).toBe(7);
    expect(idsOf(list)).toEqual(newestFirst());
    expect(list.volumes_links).toEqual([]);
  });

  it('is paged by marker, and its links lead to the end', async () => {
    const seen: string[] = [];
    let path: string | undefined = `/v2/${cloud.projectId}/cloudvolumes/detail?limit=3&sort_dir=desc`;
    for (let page = 0; page < 4 && path !== undefined; page += 1) {
      const { body }: { body: ListBody } = await cloud.request<ListBody>('GET', path);
      expect(body.count).toBe(7);
      seen.push(...idsOf(body));
      path = body.volumes_links[0]?.href.slice(simulator.url.length);
    }
    expect(path).toBeUndefined();
    expect(seen).toEqual(newestFirst());
  });

  it('is paged by offset', async () => {
    expect(idsOf(await cloud.list('?offset=2&limit=3'))).toEqual(newestFirst().slice(2, 5));
    expect(idsOf(await cloud.list('?offset=99'))).toEqual([]);
  });

  it.each(['created_at', 'size', 'id', 'status'])(
    'is sorted by %s, both ways, and paged in that order',
    async (key) => {
      const ascending = await cloud.list(`?sort_key=${key}&sort_dir=asc`);
      const descending = await cloud.list(`?sort_key=${key}`);
      expect(ascending.count).toBe(7);
      const value = { created_at: 'created_at', size: 'size', id: 'id', status: 'status' }[key] as 'size';
      const ordered = ascending.volumes.map((volume) => volume[value]);
      expect(ordered).toEqual(ordered.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      expect(descending.volumes.map((volume) => volume[value])).toEqual(ordered.toReversed());
      const [first, second] = idsOf(ascending);
      const rest = await cloud.list(`?sort_key=${key}&sort_dir=asc&marker=${second}`);
      expect([first, second, ...idsOf(rest)]).toEqual(idsOf(ascending));
    },
  );

  it.each([
    ['name=odd', [5, 3, 1]],
    ['name=nobody', []],
    ['availability_zone=eu-de-01', [2, 1, 0]],
    ['status=available', [6, 5, 4, 3, 2, 1, 0]],
    ['status=error', []],
    ['multiattach=true', [0]],
    ['volume_type_id=40e7a3d9-1c6b-4f82-9b05-e7d2f4a8c613', [5, 3, 1]],
    ['service_type=EVS&enterprise_project_id=all_granted_eps', [6, 5, 4, 3, 2, 1, 0]],
    ['service_type=DSS', []],
    ['server_id=96f1a4b0-3d27-4e8c-b5a9-c07d18e2f643', []],
    ['name=odd&availability_zone=eu-de-02', [5, 3]],
  ])('is filtered by %s', async (query, expected) => {
    const list = await cloud.list(`?${query}`);
    expect(idsOf(list)).toEqual(expected.map((index) => ids[index]));
    expect(list.count).toBe(expected.length);
  });

  it('is filtered by metadata, all entries of it', async () => {
    expect(idsOf(await cloud.list(`?metadata=${json({ parity: 'odd' })}`))).toEqual([ids[5], ids[3], ids[1]]);
    expect(idsOf(await cloud.list(`?metadata=${json({ parity: 'odd', index: '3' })}`))).toEqual([ids[3]]);
    expect(idsOf(await cloud.list(`?metadata=${json({ parity: 'odd', index: '2' })}`))).toEqual([]);
    expect(idsOf(await cloud.list(`?metadata=${json({ nothing: 'x' })}`))).toEqual([]);
    expect((await cloud.list(`?metadata=${json({})}`)).count).toBe(7);
  });

  it('is filtered by ids in their own form, which win over id; unknown ones are dropped', async () => {
    const absent = '5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412';
    expect(idsOf(await cloud.list(`?ids=['${ids[1]}','${ids[4]}','${absent}']&id=${ids[0]}`))).toEqual([
      ids[4],
      ids[1],
    ]);
    expect(idsOf(await cloud.list(`?id=${ids[2]}`))).toEqual([ids[2]]);
  });

  it.each([
    ['limit=0', 'EVS.1023'],
    ['limit=1001', 'EVS.1023'],
    ['limit=ten', 'EVS.1023'],
    ['marker=1', 'EVS.1024'],
    ['offset=-1', 'EVS.5400'],
    ['metadata=no', 'EVS.1025'],
    ['metadata=[1]', 'EVS.1025'],
    ['sort_key=name', 'EVS.1039'],
    ['sort_dir=up', 'EVS.1040'],
    ['availability_zone=eu-nl-01', 'EVS.1041'],
    ['status=asleep', 'EVS.1031'],
    ['id=1', 'EVS.1032'],
    ['ids=1,2', 'EVS.1032'],
    [`ids=[${Array.from({ length: 61 }, (_, index) => `'${index}'`).join(',')}]`, 'EVS.1032'],
  ])('refuses %s with %s', async (query, code) => {
    const refused = await cloud.evs('GET', `/cloudvolumes/detail?${query}`);
    expect(refused).toMatchObject({ status: 400, body: { error: { code } } });
  });

  it('does not know a marker that is gone', async () => {
    const refused = await cloud.evs('GET', '/cloudvolumes/detail?marker=5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412');
    expect(refused).toMatchObject({ status: 404, body: { error: { code: 'EVS.5404' } } });
  });

  it('is brief or detailed on the Cinder side, without a count', async () => {
    const brief = await cloud.evs<ListBody>('GET', '/volumes?limit=2');
    expect(Object.keys(brief.body.volumes[0] ?? {})).toEqual(['id', 'links', 'name']);
    expect(brief.body).not.toHaveProperty('count');
    expect(brief.body.volumes_links).toHaveLength(1);
    const all = await cloud.evs<ListBody>('GET', '/volumes/detail');
    expect(idsOf(all.body)).toEqual(newestFirst());
    expect(all.body).not.toHaveProperty('volumes_links');
    expect((await cloud.evs('GET', '/volumes?limit=0')).body).toMatchObject({ badRequest: { code: 400 } });
  });
});
