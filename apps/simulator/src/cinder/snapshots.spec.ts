import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type SnapshotBody } from '../cloud-client.js';
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

type One = { readonly snapshot: SnapshotBody };
type Many = { readonly snapshots: readonly SnapshotBody[] };
const take = (volumeId: string, snapshot: Record<string, unknown> = {}) =>
  cloud.evs<One>('POST', '/snapshots', { snapshot: { volume_id: volumeId, ...snapshot } });

describe('snapshots on the Cinder surface', () => {
  it('are the same as on the native one', async () => {
    const volumeId = await cloud.disk();
    const { status, headers, body } = await take(volumeId, { name: 's' });
    expect(status).toBe(202);
    expect(headers.get('x-openstack-request-id')).toMatch(/^req-/);
    const { id } = body.snapshot;
    expect((await cloud.evs('GET', `/snapshots/${id}`)).body).toEqual({ snapshot: await cloud.snapshot(id) });
    expect((await cloud.evs<Many>('GET', '/snapshots')).body.snapshots).toMatchObject([{ id, volume_id: volumeId }]);
    expect((await cloud.evs<Many>('GET', '/snapshots/detail')).body.snapshots).toMatchObject([
      { id, 'os-extended-snapshot-attributes:project_id': cloud.projectId },
    ]);
    expect((await cloud.evs<One>('PUT', `/snapshots/${id}`, { snapshot: { name: 't' } })).body).toMatchObject({
      snapshot: { name: 't' },
    });
    expect((await cloud.evs('DELETE', `/snapshots/${id}`)).status).toBe(202);
    expect((await cloud.evs('GET', `/snapshots/${id}`)).body).toMatchObject({ itemNotFound: { code: 404 } });
  });

  it('are refused with the faults of Cinder', async () => {
    const volumeId = await cloud.disk();
    await cloud.switch('POST', `/disks/${volumeId}`, { status: 'error' });
    expect(await take(volumeId)).toMatchObject({ status: 400, body: { badRequest: { code: 400 } } });
    await cloud.switch('POST', `/disks/${volumeId}`, { status: 'available' });
    await cloud.switch('PUT', `/projects/${cloud.projectId}`, { quota: { snapshots: 0 } });
    const { status, headers, body } = await take(volumeId);
    expect({ status, body }).toMatchObject({ status: 413, body: { overLimit: { code: 413 } } });
    expect(headers.get('retry-after')).toBe('0');
  });

  it('keep their disk from being deleted, unless they shall go with it', async () => {
    const volumeId = await cloud.disk();
    await take(volumeId);
    for (const query of ['', '?cascade=false']) {
      expect(await cloud.evs('DELETE', `/volumes/${volumeId}${query}`)).toMatchObject({
        status: 400,
        body: { badRequest: { code: 400 } },
      });
    }
    expect((await cloud.evs('DELETE', `/volumes/${volumeId}?cascade=true`)).status).toBe(202);
    expect((await cloud.evs<Many>('GET', '/snapshots')).body.snapshots).toEqual([]);
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 0 });
  });
});

describe('the metadata of a snapshot', () => {
  it('is merged, replaced and removed key by key', async () => {
    const id = await cloud.takeSnapshot(await cloud.disk(), { metadata: { a: '1' } });
    const path = `/snapshots/${id}/metadata`;
    expect((await cloud.evs('POST', path, { metadata: { b: '2' } })).body).toEqual({ metadata: { a: '1', b: '2' } });
    expect((await cloud.evs('PUT', `${path}/b`, { meta: { b: '3' } })).body).toEqual({ meta: { b: '3' } });
    expect((await cloud.evs('GET', `${path}/b`)).body).toEqual({ meta: { b: '3' } });
    expect((await cloud.evs('DELETE', `${path}/a`)).status).toBe(200);
    expect((await cloud.evs('DELETE', `${path}/a`)).status).toBe(404);
    expect((await cloud.evs('PUT', path, { metadata: { c: '4' } })).body).toEqual({ metadata: { c: '4' } });
    expect((await cloud.evs('GET', path)).body).toEqual({ metadata: { c: '4' } });
    expect((await cloud.evs('POST', path, { metadata: { __system__enableActive: 'true' } })).status).toBe(400);
    expect((await cloud.snapshot(id)).metadata).toEqual({ c: '4' });
  });
});
