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
