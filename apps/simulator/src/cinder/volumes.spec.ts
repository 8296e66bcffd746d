import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type VolumeBody } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;
let id: string;

beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
  await cloud.freeze();
  await cloud.create({ name: 'first', size: 40 });
  await cloud.advance(1_500);
  id = (await cloud.list()).volumes[0]?.id ?? '';
});
afterAll(() => simulator.close());

const action = (body: unknown) => cloud.evs('POST', `/volumes/${id}/action`, body);

describe('a disk by way of Cinder', () => {
  it('is created with its status to follow instead of a job', async () => {
    const { status, body } = await cloud.evs<{ volume: VolumeBody }>('POST', '/volumes', {
      volume: { size: 20, metadata: { mark: '1' } },
    });
    expect(status).toBe(202);
    expect(body.volume).toMatchObject({ status: 'creating', metadata: { mark: '1' } });
    await cloud.advance(1_500);
    expect(await cloud.volume(body.volume.id)).toMatchObject({ status: 'available', size: 20 });
  });

  it.each([
    { size: 20.5 },
    { size: '20' },
    { size: 5 },
    { size: 20, metadata: { k: null } },
    { size: 20, metadata: { k: 'v'.repeat(256) } },
  ])('is not created from %j', async (volume) => {
    expect(await cloud.evs('POST', '/volumes', { volume })).toMatchObject({
      status: 400,
      body: { badRequest: { code: 400 } },
    });
  });

  it('is renamed and described; the display_ forms count only alone', async () => {
    const update = (volume: unknown) => cloud.evs<{ volume: VolumeBody }>('PUT', `/volumes/${id}`, { volume });
    expect((await update({ name: 'second', display_name: 'ignored' })).body.volume).toMatchObject({
      name: 'second',
      size: 40,
    });
    expect((await update({ display_description: 'text', metadata: { owner: 'me' } })).body.volume).toMatchObject({
      name: 'second',
      description: 'text',
      metadata: { owner: 'me', 'hw:passthrough': 'false' },
    });
    expect((await cloud.list('?name=second')).count).toBe(1);
    expect((await cloud.list('?name=first')).count).toBe(0);
    expect((await update({ name: 'n'.repeat(256) })).body).toMatchObject({ badRequest: { code: 400 } });
  });

  it('is extended, and over the quota answers 413 without an invitation to try again', async () => {
    await cloud.switch('PUT', `/projects/${cloud.projectId}`, { quota: { gigabytes: 100 } });
    const over = await action({ 'os-extend': { new_size: 101 } });
    expect(over).toMatchObject({ status: 413, body: { overLimit: { code: 413, retryAfter: '0' } } });
    expect(over.headers.get('retry-after')).toBe('0');
    const accepted = await action({ 'os-extend': { new_size: 100 } });
    expect(accepted).toMatchObject({ status: 202, body: undefined });
    expect(await cloud.volume(id)).toMatchObject({ status: 'extending', size: 40 });
    await cloud.advance(1_500);
    expect(await cloud.volume(id)).toMatchObject({ status: 'available', size: 100 });
    expect(await action({ 'os-extend': { new_size: 100 } })).toMatchObject({
      status: 400,
      body: { badRequest: { code: 400 } },
    });
  });

  it('is made bootable and read-only', async () => {
    expect((await action({ 'os-set_bootable': { bootable: true } })).status).toBe(200);
    expect((await action({ 'os-update_readonly_flag': { readonly: true } })).status).toBe(202);
    expect(await cloud.volume(id)).toMatchObject({ bootable: 'true', metadata: { readonly: 'True' } });
  });

  it.each<object>([
    { 'os-attach': {} },
    {},
    { constructor: {} },
    { 'os-extend': { new_size: 50 }, 'os-set_bootable': { bootable: true } },
  ])('knows no action %j', async (body) => {
    expect(await action(body)).toMatchObject({ status: 400, body: { badRequest: { code: 400 } } });
  });

  it('is deleted, and is then not found', async () => {
    expect((await cloud.evs('DELETE', `/volumes/${id}?cascade=true`)).status).toBe(202);
    await cloud.advance(1_500);
    expect(await cloud.evs('GET', `/volumes/${id}`)).toMatchObject({
      status: 404,
      body: { itemNotFound: { code: 404 } },
    });
  });

  it('is not another project’s', async () => {
    const second = 'cd'.repeat(16);
    await cloud.switch('PUT', `/projects/${second}`, {});
    const other = await enter(simulator, second);
    for (const path of [`/volumes/${id}`, `/os-vendor-volumes/${id}`, `/volumes/${id}/metadata`]) {
      expect((await other.evs('GET', path)).status).toBe(404);
    }
  });
});

describe('the metadata of a disk', () => {
  const metadata = (method: string, body?: unknown, key = '') =>
    cloud.evs(method, `/volumes/${id}/metadata${key}`, body);

  it('is merged by POST and replaced by PUT, all but the system’s own', async () => {
    await metadata('POST', { metadata: { a: '1', b: '2' } });
    expect((await metadata('POST', { metadata: { b: '3' } })).body).toEqual({
      metadata: { 'hw:passthrough': 'false', a: '1', b: '3' },
    });
    expect((await metadata('PUT', { metadata: { c: '4' } })).body).toEqual({
      metadata: { 'hw:passthrough': 'false', c: '4' },
    });
    expect((await metadata('GET')).body).toEqual({ metadata: { 'hw:passthrough': 'false', c: '4' } });
  });

  it('is read, written and removed by key', async () => {
    expect((await metadata('PUT', { meta: { owner: 'me' } }, '/owner')).body).toEqual({ meta: { owner: 'me' } });
    expect((await metadata('GET', undefined, '/owner')).body).toEqual({ meta: { owner: 'me' } });
    expect((await metadata('PUT', { meta: { other: 'me' } }, '/owner')).status).toBe(400);
    expect((await metadata('DELETE', undefined, '/owner')).status).toBe(200);
    expect(await metadata('DELETE', undefined, '/owner')).toMatchObject({
      status: 404,
      body: { itemNotFound: { code: 404 } },
    });
  });

  it('keeps what belongs to the system', async () => {
    expect(await metadata('POST', { metadata: { __system__encrypted: '1' } })).toMatchObject({
      status: 400,
      body: { badRequest: { code: 'EVS.2047' } },
    });
    expect(await metadata('DELETE', undefined, '/hw:passthrough')).toMatchObject({
      status: 403,
      body: { forbidden: { code: 'EVS.5403' } },
    });
    expect((await metadata('POST', { metadata: { k: 'v'.repeat(256) } })).status).toBe(400);
  });
});

describe('what is on offer', () => {
  it('are types with their zones, and where one is sold out', async () => {
    interface Types {
      readonly volume_types: readonly {
        readonly id: string;
        readonly name: string;
        readonly extra_specs: Record<string, string>;
      }[];
    }
    const { volume_types: types } = (await cloud.evs<Types>('GET', '/types')).body;
    expect(types.map(({ name }) => name)).toEqual(['SATA', 'SAS', 'GPSSD', 'SSD', 'ESSD']);
    expect(types[0]?.extra_specs).toMatchObject({
      'RESKEY:availability_zones': 'eu-de-01,eu-de-02',
      'os-vendor-extended:sold_out_availability_zones': 'eu-de-02',
    });
    expect((await cloud.evs('GET', `/types/${types[1]?.id}`)).body).toMatchObject({ volume_type: { name: 'SAS' } });
    expect((await cloud.evs('GET', '/types/unknown')).status).toBe(404);
  });

  it('are zones, open or closed', async () => {
    await cloud.switch('PUT', '/zones/eu-de-02', { available: false });
    const { body } = await cloud.evs('GET', '/os-availability-zone');
    expect(body).toMatchObject({
      availabilityZoneInfo: [
        { zoneName: 'eu-de-01', zoneState: { available: true } },
        { zoneName: 'eu-de-02', zoneState: { available: false } },
        { zoneName: 'eu-de-03', zoneState: { available: true } },
      ],
    });
  });

  it('is the own quota with its usage, and nobody else’s', async () => {
    expect(await cloud.quota('per_volume_gigabytes')).toMatchObject({ limit: 32_768 });
    expect((await cloud.evs('GET', `/os-quota-sets/${'f'.repeat(32)}?usage=True`)).status).toBe(400);
    expect((await cloud.evs('GET', `/os-quota-sets/${cloud.projectId}`)).status).toBe(400);
  });

  it('are two versions, of which one can be asked for', async () => {
    expect((await cloud.request('GET', '/')).status).toBe(300);
    expect(await cloud.request('GET', '/v3')).toMatchObject({
      status: 200,
      body: { versions: [{ id: 'v3.0', status: 'CURRENT' }] },
    });
  });
});
