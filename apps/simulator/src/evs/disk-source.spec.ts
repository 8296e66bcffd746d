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

const source = async (volume: Record<string, unknown> = {}) => {
  const volumeId = await cloud.disk({ size: 40, ...volume });
  return { volumeId, snapshotId: await cloud.takeSnapshot(volumeId) };
};

describe('a disk from a snapshot', () => {
  it('names the snapshot, also when that and its disk are gone', async () => {
    const { volumeId, snapshotId } = await source();
    const id = await cloud.disk({ snapshot_id: snapshotId, size: 50, metadata: { full_clone: '0' } });
    expect(await cloud.volume(id)).toMatchObject({ status: 'available', size: 50, snapshot_id: snapshotId });
    await cloud.evs('DELETE', `/cloudsnapshots/${snapshotId}`);
    await cloud.evs('DELETE', `/cloudvolumes/${volumeId}`);
    expect(await cloud.evs('GET', `/cloudsnapshots/${snapshotId}`)).toMatchObject({ status: 404 });
    expect(await cloud.volume(id)).toMatchObject({ status: 'available', snapshot_id: snapshotId });
  });

  it('inherits encryption, device type and whether it is a system disk', async () => {
    const key = 'b3c7d915-0f8e-42a6-9d1b-5e60f7a4c832';
    const metadata = { __system__encrypted: '1', __system__cmkid: key, 'hw:passthrough': 'true' };
    const { volumeId, snapshotId } = await source({ metadata: { ...metadata, mine: 'stays' } });
    await cloud.evs('POST', `/volumes/${volumeId}/action`, { 'os-set_bootable': { bootable: true } });
    const id = await cloud.disk({ snapshot_id: snapshotId, size: 40 });
    expect(await cloud.volume(id)).toMatchObject({ bootable: 'true', encrypted: true, metadata });
    expect((await cloud.volume(id)).metadata).not.toHaveProperty('mine');
  });

  it.each([
    ['EVS.2054', { availability_zone: 'eu-de-02' }],
    ['EVS.2096', { volume_type: 'SAS' }],
    ['EVS.1010', { size: 39 }],
    ['EVS.1043', { metadata: { __system__encrypted: '0' } }],
    ['EVS.1043', { metadata: { __system__encrypted: '1' } }],
    ['EVS.1043', { metadata: { 'hw:passthrough': 'false' } }],
    ['EVS.1016', { imageRef: '2e95c0f4-b7d8-4163-a0f9-8d4e6b1c7a35' }],
  ])('is refused with %s for %j', async (code, wrong) => {
    const { snapshotId } = await source();
    expect(await cloud.create({ snapshot_id: snapshotId, size: 40, ...wrong })).toMatchObject({
      status: 400,
      body: { error: { code } },
    });
    expect((await cloud.list()).count).toBe(1);
  });

  it('is refused unless the snapshot is available, of this project, and no work of the backup service', async () => {
    const { volumeId, snapshotId } = await source();
    const tryFrom = async (id: string, as = cloud) => (await as.create({ snapshot_id: id, size: 40 })).body;
    await cloud.switch('PATCH', `/snapshots/${snapshotId}`, { status: 'error' });
    expect(await tryFrom(snapshotId)).toMatchObject({ error: { code: 'EVS.2043' } });
    await cloud.switch('PATCH', `/snapshots/${snapshotId}`, { status: 'available', name: 'manualbk_snapshot_vbs_1' });
    expect(await tryFrom(snapshotId)).toMatchObject({ error: { code: 'EVS.2045' } });
    const other = 'cd'.repeat(16);
    await cloud.switch('PUT', `/projects/${other}`, {});
    const own = await cloud.takeSnapshot(volumeId);
    expect(await tryFrom(own, await enter(simulator, other))).toMatchObject({ error: { code: 'EVS.2045' } });
    expect(await tryFrom(own)).toHaveProperty('job_id');
  });

  it('comes in batches unless the user guide is right', async () => {
    const { snapshotId } = await source();
    const batch = () => cloud.create({ snapshot_id: snapshotId, size: 40, count: 2 });
    expect((await batch()).status).toBe(200);
    expect((await cloud.list()).volumes.map(({ snapshot_id }) => snapshot_id)).toEqual([snapshotId, snapshotId, null]);
    await cloud.switch('POST', '/readings', { batchFromSnapshot: 'refused' });
    expect((await batch()).body).toMatchObject({ error: { code: 'EVS.1021' } });
  });

  it('takes zone and type from its source on the Cinder surface', async () => {
    const { snapshotId } = await source({ availability_zone: 'eu-de-02' });
    const { status, body } = await cloud.evs<{ volume: { id: string } }>('POST', '/volumes', {
      volume: { size: 40, snapshot_id: snapshotId },
    });
    expect(status).toBe(202);
    expect(await cloud.volume(body.volume.id)).toMatchObject({
      availability_zone: 'eu-de-02',
      volume_type: 'SSD',
      snapshot_id: snapshotId,
    });
  });
});

describe('a disk from an image', () => {
  const debian = '4c1a9f70-6b2e-4d83-9e15-a07c3d8f5b21';
  const bareMetal = 'e05d8a36-7c19-4fb2-93e4-d2a61b7f0c58';
  const image = async (of: object) => (await cloud.switch<{ id: string }>('POST', '/images', of)).body.id;

  it('is a system disk that remembers its image, in texts only', async () => {
    const id = await cloud.disk({ imageRef: debian, size: 8 });
    const volume = await cloud.volume(id);
    expect(volume).toMatchObject({
      ...{ status: 'available', size: 8, bootable: 'true', snapshot_id: null },
      metadata: { 'hw:passthrough': 'false' },
      volume_image_metadata: {
        image_id: debian,
        min_disk: '8',
        virtual_env_type: 'FusionCompute',
        __imagetype: 'gold',
      },
    });
    const { volume_image_metadata: remembered } = volume as unknown as { volume_image_metadata: object };
    expect(Object.values(remembered).every((value) => typeof value === 'string')).toBe(true);
  });

  it('is made, then filled, and is there when its job says so', async () => {
    await cloud.freeze();
    await cloud.switch('POST', '/latency', { jobMs: 1_000 });
    const { body } = await cloud.create({ imageRef: debian });
    const seen = async () => {
      const [volume] = (await cloud.list()).volumes;
      return [volume?.status, (await cloud.job(body.job_id)).body.status];
    };
    expect(await seen()).toEqual(['creating', 'INIT']);
    await cloud.advance(200);
    expect(await seen()).toEqual(['downloading', 'RUNNING']);
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 10, in_use: 0 });
    await cloud.advance(800);
    expect(await seen()).toEqual(['available', 'SUCCESS']);
    await cloud.switch('POST', '/latency', { jobMs: 0 });
  });

  it('is in error when its image could not be brought', async () => {
    await cloud.faults({ kind: 'job-failed', times: 1 });
    const { body } = await cloud.create({ imageRef: debian });
    const { entities, error_code } = (await cloud.job(body.job_id)).body;
    expect(error_code).toBe('EVS.2024');
    expect(await cloud.volume(entities.volume_id ?? '')).toMatchObject({ status: 'error' });
  });

  it('is a data disk where the image is one of a data disk', async () => {
    const imageRef = await image({ virtualEnvType: 'DataImage', minDisk: 20 });
    const id = await cloud.disk({ imageRef, size: 20, multiattach: true });
    expect(await cloud.volume(id)).toMatchObject({ bootable: 'false', multiattach: true });
  });

  it('is encrypted as its image is', async () => {
    const key = 'b3c7d915-0f8e-42a6-9d1b-5e60f7a4c832';
    const id = await cloud.disk({ imageRef: await image({ cmkId: key }) });
    const metadata = { __system__encrypted: '1', __system__cmkid: key };
    expect(await cloud.volume(id)).toMatchObject({ encrypted: true, metadata });
  });

  it.each([
    ['EVS.2046', { imageRef: 'not-an-id' }],
    ['EVS.2046', { imageRef: '2e95c0f4-b7d8-4163-a0f9-8d4e6b1c7a35' }],
    ['EVS.5400', { imageRef: bareMetal }],
    ['EVS.1010', { size: 7 }],
    ['EVS.1010', { size: 1_025 }],
    ['EVS.2094', { multiattach: true }],
    ['EVS.1043', { metadata: { __system__encrypted: '1', __system__cmkid: 'b3c7d915-0f8e-42a6-9d1b-5e60f7a4c832' } }],
    ['EVS.1043', { metadata: { 'hw:passthrough': 'true' } }],
    ['EVS.1016', { snapshot_id: '2e95c0f4-b7d8-4163-a0f9-8d4e6b1c7a35' }],
  ])('is refused with %s for %j', async (code, wrong) => {
    expect(await cloud.create({ imageRef: debian, ...wrong })).toMatchObject({
      status: 400,
      body: { error: { code } },
    });
    expect((await cloud.list()).count).toBe(0);
  });

  it('is of an active image that the project may use', async () => {
    const codeFor = async (imageRef: string) => (await cloud.create({ imageRef })).body;
    const other = 'cd'.repeat(16);
    await cloud.switch('PUT', `/projects/${other}`, {});
    const [pending, foreign] = [await image({ status: 'saving' }), await image({ projectId: other })];
    const offered = await image({ projectId: other, members: { [cloud.projectId]: 'pending' } });
    expect(await codeFor(pending)).toMatchObject({ error: { code: 'EVS.5400' } });
    expect(await codeFor(foreign)).toMatchObject({ error: { code: 'EVS.2046' } });
    expect(await codeFor(offered)).toMatchObject({ error: { code: 'EVS.2046' } });
    await cloud.switch('PATCH', `/images/${offered}`, { members: { [cloud.projectId]: 'accepted' } });
    expect(await codeFor(offered)).toHaveProperty('job_id');
  });

  it('stays at 1024 GB at most, and so does what is made from its snapshot', async () => {
    const id = await cloud.disk({ imageRef: debian, size: 1_000 });
    const extend = (disk: string, size: number) =>
      cloud.evs('POST', `/cloudvolumes/${disk}/action`, { 'os-extend': { new_size: size } });
    expect((await extend(id, 1_025)).body).toMatchObject({ error: { code: 'EVS.1010' } });
    expect((await extend(id, 1_024)).status).toBe(200);
    const copy = await cloud.disk({ snapshot_id: await cloud.takeSnapshot(id), size: 1_024 });
    expect(await cloud.volume(copy)).toMatchObject({ bootable: 'true', volume_image_metadata: { image_id: debian } });
    expect((await extend(copy, 1_025)).body).toMatchObject({ error: { code: 'EVS.1010' } });
  });

  it('is made on the Cinder surface, too', async () => {
    const { status, body } = await cloud.evs<{ volume: { id: string } }>('POST', '/volumes', {
      volume: { size: 8, imageRef: debian },
    });
    expect(status).toBe(202);
    expect(await cloud.volume(body.volume.id)).toMatchObject({ bootable: 'true', volume_type: 'SAS' });
  });
});
