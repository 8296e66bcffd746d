import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
  await cloud.freeze();
});
afterAll(() => simulator.close());

const availableDisk = async (volume: Record<string, unknown> = {}): Promise<string> => {
  const { body } = await cloud.create(volume);
  await cloud.advance(1_500);
  return (await cloud.job(body.job_id)).body.entities.volume_id ?? '';
};

describe('creating a disk', () => {
  it('is a job that waits, runs and succeeds, while the disk goes from creating to available', async () => {
    const { status, body } = await cloud.create({ name: 'ledger-01' });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['job_id']);
    expect((await cloud.job(body.job_id)).body).toMatchObject({
      status: 'INIT',
      end_time: '',
      entities: {},
      error_code: null,
    });
    expect((await cloud.list()).volumes).toMatchObject([{ name: 'ledger-01', status: 'creating', updated_at: null }]);
    await cloud.advance(1_000);
    const running = await cloud.job(body.job_id);
    expect(running.body).toMatchObject({ status: 'RUNNING', end_time: '', job_type: 'createVolume' });
    await cloud.advance(500);
    const done = await cloud.job(body.job_id);
    expect(done.body).toMatchObject({
      status: 'SUCCESS',
      entities: { name: 'ledger-01', size: 10, volume_type: 'SSD' },
    });
    expect(done.body.end_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(done.body.entities.volume_id).toBe(running.body.entities.volume_id);
    const volume = await cloud.volume(done.body.entities.volume_id ?? '');
    expect(volume.status).toBe('available');
    expect(volume.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
  });

  it('has succeeded at the first look when jobs take no time', async () => {
    await cloud.switch('POST', '/latency', { jobMs: 0 });
    const { body } = await cloud.create();
    expect((await cloud.job(body.job_id)).body.status).toBe('SUCCESS');
    expect((await cloud.list()).volumes).toMatchObject([{ status: 'available' }]);
  });

  it('makes a batch with one sub-job and a numbered name for each disk', async () => {
    const { body } = await cloud.create({ name: 'shard', count: 3 });
    await cloud.advance(1_500);
    const job = (await cloud.job(body.job_id)).body;
    expect(job).toMatchObject({ status: 'SUCCESS', job_type: 'batchCreateVolume' });
    expect(job.entities.sub_jobs).toHaveLength(3);
    expect(job.entities.sub_jobs?.every(({ status }) => status === 'SUCCESS')).toBe(true);
    const { volumes } = await cloud.list();
    expect(volumes.map(({ name }) => name)).toEqual(['shard-0003', 'shard-0002', 'shard-0001']);
    expect(new Set(volumes.map(({ created_at }) => created_at)).size).toBe(3);
  });

  it('cuts decimals off integers', async () => {
    await cloud.create({ size: 10.9, count: 2.9 });
    expect((await cloud.list()).volumes.map(({ size }) => size)).toEqual([10, 10]);
  });

  it.each([
    ['EVS.1010', { size: 9 }],
    ['EVS.1010', { size: 32_769 }],
    ['EVS.1010', { size: undefined }],
    ['EVS.1018', { size: '10' }],
    ['EVS.1021', { count: 101 }],
    ['EVS.1021', { count: 0 }],
    ['EVS.1036', { availability_zone: 'eu-nl-01' }],
    ['EVS.2083', { availability_zone: undefined }],
    ['EVS.2083', { volume_type: '' }],
    ['EVS.2070', { volume_type: 'TAPE' }],
    ['EVS.2071', { volume_type: 'ESSD', availability_zone: 'eu-de-03' }],
    ['EVS.2072', { volume_type: 'SATA', availability_zone: 'eu-de-02' }],
    ['EVS.1009', { name: 'n'.repeat(256) }],
    ['EVS.1009', { name: 'ü'.repeat(126), count: 2 }],
    ['EVS.1009', { description: 'ü'.repeat(128) }],
    ['EVS.1018', { multiattach: 'yes' }],
    ['EVS.1005', { metadata: { big: 'x'.repeat(1_048_576) } }],
    ['EVS.1018', { metadata: { number: 1 } }],
    ['EVS.1057', { metadata: { 'hw:passthrough': 'maybe' } }],
    ['EVS.1063', { metadata: { full_clone: '2' } }],
    ['EVS.2041', { metadata: { __system__encrypted: '1' } }],
    ['EVS.1061', { tags: Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, 'v'])) }],
    ['EVS.1062', { tags: { 'a b': 'v' } }],
    ['EVS.1062', { tags: { k: 'v'.repeat(44) } }],
    ['EVS.1016', { snapshot_id: 'a', imageRef: 'b' }],
    ['EVS.2045', { snapshot_id: 'a1d86f20-5b3c-4e97-8f14-6c0e2b97d5a8' }],
    ['EVS.1006', { backup_id: '49be0d13-7a62-4c85-9e3f-2f8d1a5c70b6' }],
  ])('is refused with %s for %j', async (code, wrong) => {
    const { status, body } = await cloud.create(wrong);
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code } } });
    expect((await cloud.list()).count).toBe(0);
  });

  it('is refused where the zone is closed, and allowed where it opens again', async () => {
    await cloud.switch('PUT', '/zones/eu-de-03', { available: false });
    expect((await cloud.create({ availability_zone: 'eu-de-03' })).body).toMatchObject({ error: { code: 'EVS.2053' } });
    await cloud.switch('PUT', '/zones/eu-de-03', { available: true });
    expect((await cloud.create({ availability_zone: 'eu-de-03' })).status).toBe(200);
  });

  it('takes metadata that looks like anything', async () => {
    const metadata = { refused: 'EVS.1008', status: '400', __proto__x: '1' };
    const id = await availableDisk({ metadata });
    expect((await cloud.volume(id)).metadata).toEqual({ 'hw:passthrough': 'false', ...metadata });
  });
});

describe('the quota', () => {
  it('reserves while a disk is made, counts it in use from then on, and frees it when it is gone', async () => {
    const { body } = await cloud.create({ size: 40 });
    expect(await cloud.quota('volumes')).toEqual({ reserved: 1, limit: 10_000, in_use: 0 });
    expect(await cloud.quota('gigabytes_SSD')).toEqual({ reserved: 40, limit: -1, in_use: 0 });
    await cloud.advance(1_500);
    expect(await cloud.quota('volumes')).toMatchObject({ reserved: 0, in_use: 1 });
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 40 });
    const id = (await cloud.job(body.job_id)).body.entities.volume_id ?? '';
    await cloud.evs('DELETE', `/cloudvolumes/${id}`);
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 40 });
    await cloud.advance(1_500);
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 0 });
    expect(await cloud.quota('volumes_SSD')).toMatchObject({ reserved: 0, in_use: 0 });
  });

  it.each([
    ['EVS.1034', { volumes: 2 }, { count: 3 }],
    ['EVS.1034', { volumes_SSD: 2 }, { count: 3 }],
    ['EVS.1042', { gigabytes: 29 }, { count: 3 }],
    ['EVS.1042', { gigabytes_SSD: 29 }, { count: 3 }],
    ['EVS.1042', { per_volume_gigabytes: 50 }, { size: 51 }],
  ])('answers %s at once over %j, and takes nothing', async (code, quota, wanted) => {
    await cloud.switch('PUT', `/projects/${cloud.projectId}`, { quota });
    expect(await cloud.create(wanted)).toMatchObject({ status: 400, body: { error: { code } } });
    expect(await cloud.quota('volumes')).toMatchObject({ reserved: 0, in_use: 0 });
    expect((await cloud.create({ volume_type: 'SAS' })).status).toBe(200);
  });

  it('lets exactly as many in as there is room for', async () => {
    await cloud.switch('PUT', `/projects/${cloud.projectId}`, { quota: { volumes: 20 } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => cloud.create()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
  });

  it('is each project’s own', async () => {
    const second = 'cd'.repeat(16);
    await cloud.switch('PUT', `/projects/${second}`, { quota: { volumes: 1 } });
    const other = await enter(simulator, second);
    await cloud.create({ count: 5 });
    expect((await other.create()).status).toBe(200);
    expect((await other.create()).body).toMatchObject({ error: { code: 'EVS.1034' } });
    expect((await other.list()).count).toBe(1);
  });
});

describe('extending a disk', () => {
  const extend = (id: string, newSize: unknown) =>
    cloud.evs<{ job_id: string }>('POST', `/cloudvolumes/${id}/action`, { 'os-extend': { new_size: newSize } });

  it('reserves the difference, and shows the new size when the job has succeeded', async () => {
    const id = await availableDisk({ size: 40 });
    const { status, body } = await extend(id, 100.7);
    expect(status).toBe(200);
    expect(await cloud.volume(id)).toMatchObject({ status: 'extending', size: 40 });
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 60, in_use: 40 });
    await cloud.advance(1_500);
    expect((await cloud.job(body.job_id)).body).toMatchObject({
      status: 'SUCCESS',
      entities: { volume_id: id, size: 100 },
    });
    expect(await cloud.volume(id)).toMatchObject({ status: 'available', size: 100 });
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 100 });
  });

  it.each([
    ['EVS.1015', 40],
    ['EVS.1015', 39],
    ['EVS.1010', 32_769],
    ['EVS.1018', '100'],
    ['EVS.1042', 200],
  ])('is refused with %s for %j', async (code, newSize) => {
    await cloud.switch('PUT', `/projects/${cloud.projectId}`, { quota: { gigabytes: 100 } });
    const id = await availableDisk({ size: 40 });
    expect(await extend(id, newSize)).toMatchObject({ status: 400, body: { error: { code } } });
    expect(await cloud.volume(id)).toMatchObject({ status: 'available', size: 40 });
  });

  it('is refused while the disk is busy, and for a disk that does not exist', async () => {
    const id = await availableDisk();
    await extend(id, 20);
    expect(await extend(id, 30)).toMatchObject({ status: 400, body: { error: { code: 'EVS.1064' } } });
    expect(await extend('5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412', 30)).toMatchObject({
      status: 404,
      body: { error: { code: 'EVS.5404' } },
    });
  });

  it('keeps a disk in use that is, unless it is shared', async () => {
    const id = await availableDisk();
    const shared = await availableDisk({ multiattach: true });
    for (const each of [id, shared]) await cloud.switch('POST', `/disks/${each}`, { status: 'in-use' });
    await extend(id, 20);
    await cloud.advance(1_500);
    expect(await cloud.volume(id)).toMatchObject({ status: 'in-use', size: 20 });
    expect((await extend(shared, 20)).body).toMatchObject({ error: { code: 'EVS.1065' } });
  });
});

describe('deleting a disk', () => {
  const remove = (id: string) => cloud.evs<{ job_id: string }>('DELETE', `/cloudvolumes/${id}`);

  it('is a job after which the disk is not found', async () => {
    const id = await availableDisk();
    const { body } = await remove(id);
    expect((await cloud.volume(id)).status).toBe('deleting');
    expect(await remove(id)).toMatchObject({ status: 400, body: { error: { code: 'EVS.1046' } } });
    await cloud.advance(1_500);
    expect((await cloud.job(body.job_id)).body).toMatchObject({ status: 'SUCCESS', entities: { volume_id: id } });
    expect(await remove(id)).toMatchObject({ status: 404, body: { error: { code: 'EVS.5404' } } });
    expect((await cloud.list()).count).toBe(0);
  });

  it.each(['creating', 'in-use', 'extending', 'error_deleting', 'awaiting-transfer'])(
    'is refused while it is %s',
    async (status) => {
      const id = await availableDisk();
      await cloud.switch('POST', `/disks/${id}`, { status });
      expect(await remove(id)).toMatchObject({ status: 400, body: { error: { code: 'EVS.1046' } } });
    },
  );

  it.each(['error', 'error_extending', 'error_restoring', 'error_rollbacking'])(
    'is allowed while it is %s',
    async (status) => {
      const id = await availableDisk();
      await cloud.switch('POST', `/disks/${id}`, { status });
      expect((await remove(id)).status).toBe(200);
    },
  );
});

describe('the id of a disk', () => {
  it('must be a UUID for the native calls; Cinder merely does not find it', async () => {
    expect((await cloud.evs('GET', '/os-vendor-volumes/1')).body).toMatchObject({ error: { code: 'EVS.1002' } });
    expect((await cloud.evs('GET', '/volumes/1')).status).toBe(404);
  });
});

describe('a job', () => {
  it('that nobody knows answers 400 Common.0011', async () => {
    expect(await cloud.job('0'.repeat(32))).toMatchObject({ status: 400, body: { error: { code: 'Common.0011' } } });
  });

  it('of another project answers 400 Common.0018, and is unknown in the own one', async () => {
    const { body } = await cloud.create();
    const second = 'cd'.repeat(16);
    await cloud.switch('PUT', `/projects/${second}`, {});
    const other = await enter(simulator, second);
    expect((await other.job(body.job_id)).body).toMatchObject({ error: { code: 'Common.0011' } });
    const foreign = await other.request('GET', `/v1/${cloud.projectId}/jobs/${body.job_id}`);
    expect(foreign).toMatchObject({ status: 400, body: { error: { code: 'Common.0018' } } });
  });
});
