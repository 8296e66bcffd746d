import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enter, type CloudClient } from '../cloud-client.js';
import { servedCalls } from '../served-calls.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;
let id: string;
beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
  cloud = await enter(simulator);
  id = await cloud.disk({ name: 'ledger-01', metadata: { owner: 'a' } });
  await cloud.disk({ name: 'ledger-02', size: 20, metadata: { owner: 'b' } });
});
afterAll(() => simulator.close());

type Body = Readonly<Record<string, unknown>>;

const v3 = (path: string, version?: string, method = 'GET', body?: object) => {
  const headers: Record<string, string> = version === undefined ? {} : { 'OpenStack-API-Version': version };
  return cloud.request<Body>(method, `/v3/${cloud.projectId}${path}`, body, headers);
};

describe('the third version', () => {
  it('has a twin of every call of Cinder on a project, and of those of EVS that the reference names', () => {
    const paths = servedCalls().map(({ method, path }) => `${method} ${path}`);
    const twins = paths
      .filter((each) =>
        / \/v2\/:projectId\/(volumes|snapshots|types|os-quota-sets|os-availability-zone|os-volume-transfer|extensions)/.test(
          each,
        ),
      )
      .filter((each) => !each.endsWith('/retype'));
    expect(twins.length).toBeGreaterThan(25);
    expect(twins.filter((each) => !paths.includes(each.replace('/v2/', '/v3/')))).toEqual([]);
    for (const each of [
      'POST /v3/:projectId/cloudvolumes',
      'GET /v3/:projectId/os-vendor-volumes/:volumeId',
      'GET /v3/:projectId/os-vendor-volumes/detail',
      'POST /v3/:projectId/os-vendor-volumes/:volumeId/tags/action',
      'GET /v3/:projectId/os-vendor-volumes/:volumeId/tags',
      'POST /v3/:projectId/os-vendor-volumes/resource_instances/action',
    ])
      expect(paths).toContain(each);
    expect(paths).not.toContain('DELETE /v3/:projectId/cloudvolumes/:volumeId');
  });

  it('answers as the second, with links into itself, and says in which version', async () => {
    const { status, body, headers } = await v3(`/volumes/${id}`);
    expect(status).toBe(200);
    const links = [{ rel: 'self', href: `${simulator.url}/v3/${cloud.projectId}/volumes/${id}` }, {}];
    expect(body['volume']).toMatchObject({ id, name: 'ledger-01', links });
    expect(headers.get('openstack-api-version')).toBe('volume 3.0');
    expect(headers.get('vary')).toBe('OpenStack-API-Version');
    const second = await cloud.request('GET', `/v2/${cloud.projectId}/volumes/${id}`);
    expect(second.headers.get('openstack-api-version')).toBeNull();
  });

  it.each([
    ['volume 3.50', 200, 'volume 3.50'],
    ['compute 2.1, volume 3.27', 200, 'volume 3.27'],
    ['volume latest', 200, 'volume 3.50'],
    ['compute 2.1', 200, 'volume 3.0'],
    ['volume 3.51', 406, null],
    ['volume three', 400, null],
  ])('is asked in %s', async (version, status, answered) => {
    const received = await v3('/types', version);
    expect([received.status, received.headers.get('openstack-api-version')]).toEqual([status, answered]);
  });

  it('counts since 3.45, and finds parts of names since 3.31', async () => {
    expect((await v3('/volumes/detail?with_count=true', 'volume 3.44')).body).not.toHaveProperty('count');
    expect((await v3('/volumes?limit=1&with_count=true', 'volume 3.45')).body).toMatchObject({ count: 2 });
    expect((await v3('/snapshots/detail?with_count=true', 'volume 3.45')).body).toMatchObject({ count: 0 });
    const found = async (version: string, query: string) =>
      ((await v3(`/volumes?${query}`, version)).body['volumes'] as readonly unknown[]).length;
    expect(await found('volume 3.30', 'name~=02')).toBe(2);
    expect(await found('volume 3.31', 'name~=02')).toBe(1);
    expect(await found('volume 3.31', 'status~=avail')).toBe(2);
  });

  it('sums up since 3.12, with metadata since 3.36', async () => {
    expect((await v3('/volumes/summary', 'volume 3.11')).status).toBe(404);
    const figures = { total_size: 30, total_count: 2 };
    expect((await v3('/volumes/summary', 'volume 3.12')).body).toEqual({ 'volume-summary': figures });
    const { body } = await v3('/volumes/summary', 'volume 3.36');
    expect(body['volume-summary']).toMatchObject({ ...figures, metadata: { owner: ['b', 'a'] } });
  });

  it('makes a disk, and passes none of another project', async () => {
    const volume = { availability_zone: 'eu-de-01', volume_type: 'SSD', size: 10 };
    expect((await v3('/cloudvolumes', undefined, 'POST', { volume })).body).toHaveProperty('job_id');
    const elsewhere = await cloud.request('GET', `/v3/ffffffffffffffffffffffffffffffff/volumes/${id}`);
    expect(elsewhere.status).toBe(400);
  });

  it('tells how far the data of a disk is loaded', async () => {
    expect((await v3(`/os-vendor-volumes/${id}/internal-info`)).body).toEqual({ info: { loading_progress: 100 } });
    expect((await cloud.evs('GET', `/os-vendor-volumes/${id}/internal-info`)).status).toBe(404);
  });
});
