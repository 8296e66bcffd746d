import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;
let tagged: string;
let other: string;

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
  tagged = await cloud.disk({ name: 'tagged', tags: { env: 'prod', team: 'ledger' } });
  other = await cloud.disk({ name: 'other', tags: { env: 'test' } });
});
afterAll(() => simulator.close());

const change = (body: unknown, id = tagged) => cloud.evs('POST', `/os-vendor-volumes/${id}/tags/action`, body);
interface Found {
  readonly total_count: number;
  readonly resources?: readonly { readonly resource_id: string }[];
}
const search = (body: Record<string, unknown>) =>
  cloud.evs<Found>('POST', '/os-vendor-volumes/resource_instances/action', body);
const foundBy = async (body: Record<string, unknown>) =>
  (await search({ action: 'filter', ...body })).body.resources?.map(({ resource_id }) => resource_id);

describe('the tags of a disk', () => {
  it('are added, overwritten and removed in batches', async () => {
    expect(
      (
        await change({
          action: 'create',
          tags: [
            { key: 'env', value: 'stage' },
            { key: 'new', value: '1' },
          ],
        })
      ).status,
    ).toBe(204);
    expect((await cloud.volume(tagged)).tags).toEqual({ env: 'stage', team: 'ledger', new: '1' });
    expect((await change({ action: 'delete', tags: [{ key: 'env' }, { key: 'absent' }] })).status).toBe(204);
    expect((await cloud.evs('GET', `/cloudvolumes/${tagged}/tags`)).body).toEqual({
      tags: [
        { key: 'team', value: 'ledger' },
        { key: 'new', value: '1' },
      ],
    });
  });

  it('are at most ten, and of the characters allowed', async () => {
    const nine = Array.from({ length: 9 }, (_, index) => ({ key: `k${index}`, value: 'v' }));
    expect((await change({ action: 'create', tags: nine })).body).toMatchObject({ error: { code: 'EVS.1061' } });
    expect((await change({ action: 'create', tags: nine.slice(1) })).status).toBe(204);
    expect((await change({ action: 'create', tags: [{ key: 'a.b', value: 'v' }] })).body).toMatchObject({
      error: { code: 'EVS.1062' },
    });
    expect((await change({ action: 'rename', tags: [] })).body).toMatchObject({ error: { code: 'EVS.5400' } });
  });

  it('are removed one at a time by key', async () => {
    expect((await cloud.evs('DELETE', `/os-vendor-tags/volumes/${tagged}/env`)).status).toBe(200);
    expect((await cloud.evs('DELETE', `/os-vendor-tags/volumes/${tagged}/env`)).status).toBe(404);
    expect((await cloud.volume(tagged)).tags).toEqual({ team: 'ledger' });
  });

  it('are known over the whole project', async () => {
    const all = { tags: { env: ['prod', 'test'], team: ['ledger'] } };
    expect((await cloud.evs('GET', '/os-vendor-tags/volumes')).body).toEqual(all);
    expect((await cloud.evs('GET', '/cloudvolumes/tags')).body).toEqual(all);
    await cloud.evs('DELETE', `/cloudvolumes/${tagged}`);
    expect((await cloud.evs('GET', '/os-vendor-tags/volumes')).body).toEqual({ tags: { env: ['test'] } });
  });
});

describe('the search by tags', () => {
  it('finds by value, by any value, and by several keys at once', async () => {
    expect(await foundBy({ tags: [{ key: 'env', values: ['prod'] }] })).toEqual([tagged]);
    expect(await foundBy({ tags: [{ key: 'env', values: ['prod', 'test'] }] })).toEqual([other, tagged]);
    expect(await foundBy({ tags: [{ key: 'env', values: [] }] })).toEqual([other, tagged]);
    expect(
      await foundBy({
        tags: [
          { key: 'env', values: [] },
          { key: 'team', values: [] },
        ],
      }),
    ).toEqual([tagged]);
    expect(await foundBy({ tags: [{ key: 'nothing', values: [] }] })).toEqual([]);
    expect(await foundBy({ matches: [{ key: 'resource_name', value: 'other' }] })).toEqual([other]);
  });

  it('counts, and pages with strings as well as with numbers', async () => {
    expect((await search({ action: 'count', tags: [{ key: 'env', values: [] }] })).body).toEqual({ total_count: 2 });
    expect(await foundBy({ limit: 1, offset: 1 })).toEqual([tagged]);
    expect(await foundBy({ limit: '1', offset: '0' })).toEqual([other]);
    expect((await search({ action: 'filter', limit: 1 })).body.total_count).toBe(2);
  });

  it.each([
    ['EVS.1023', { limit: 0 }],
    ['EVS.1062', { tags: [{ values: [] }] }],
    ['EVS.1062', { tags: [{ key: 'a', values: ['1', '1'] }] }],
    ['EVS.1062', { tags: Array.from({ length: 11 }, (_, index) => ({ key: `k${index}`, values: [] })) }],
    ['EVS.5400', { action: 'guess' }],
  ])('refuses with %s what it cannot do: %j', async (code, body) => {
    expect(await search({ action: 'filter', ...body })).toMatchObject({ status: 400, body: { error: { code } } });
  });

  it('forgets a disk that is gone, and follows a tag that changed', async () => {
    await change({ action: 'create', tags: [{ key: 'env', value: 'moved' }] });
    expect(await foundBy({ tags: [{ key: 'env', values: ['prod'] }] })).toEqual([]);
    expect(await foundBy({ tags: [{ key: 'env', values: ['moved'] }] })).toEqual([tagged]);
    await cloud.evs('DELETE', `/cloudvolumes/${tagged}`);
    expect(await foundBy({ tags: [{ key: 'env', values: ['moved'] }] })).toEqual([]);
  });
});
