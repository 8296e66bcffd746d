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
  await fetch(`${simulator.url}/_simulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ faults: [] }),
  });
  cloud = await enter(simulator);
  await cloud.switch('POST', '/latency', { jobMs: 0 });
});
afterAll(() => simulator.close());

interface Uploading {
  readonly 'os-volume_upload_image': { readonly image_id: string; readonly status: string };
}
const upload = (volumeId: string, more: object = {}) =>
  cloud.evs<Uploading>('POST', `/volumes/${volumeId}/action`, {
    'os-volume_upload_image': { image_name: 'ledger-img', ...more },
  });
const image = async (id: string) => (await cloud.request('GET', `/ims/v2/images/${id}`)).body;

describe('an image of a disk', () => {
  it('is saved while the disk is uploading, and active when the disk is as it was', async () => {
    const id = await cloud.disk({ size: 40 });
    await cloud.freeze();
    await cloud.switch('POST', '/latency', { jobMs: 1_000 });
    const { status, body } = await upload(id);
    const { image_id: imageId, ...begun } = body['os-volume_upload_image'];
    expect(status).toBe(202);
    expect(begun).toMatchObject({
      ...{ status: 'uploading', image_name: 'ledger-img', size: 40, id, disk_format: 'zvhd2' },
      ...{ container_format: 'bare', volume_type: { name: 'SSD', deleted: false } },
    });
    expect(await cloud.volume(id)).toMatchObject({ status: 'uploading' });
    expect(await image(imageId)).toMatchObject({ status: 'saving', visibility: 'private', name: 'ledger-img' });
    expect((await upload(id)).status).toBe(400);
    await cloud.advance(1_000);
    expect(await cloud.volume(id)).toMatchObject({ status: 'available' });
    const active = { status: 'active', min_disk: 40, virtual_env_type: 'DataImage', __os_type: 'Linux' };
    expect(await image(imageId)).toMatchObject(active);
  });

  it('makes disks like the one that it was made of', async () => {
    const id = await cloud.disk({ imageRef: '4c1a9f70-6b2e-4d83-9e15-a07c3d8f5b21', size: 10 });
    const { body } = await upload(id, { __os_type: 'windows' });
    const copy = await cloud.disk({ imageRef: body['os-volume_upload_image'].image_id, size: 10 });
    expect(await cloud.volume(copy)).toMatchObject({ bootable: 'true' });
  });

  it('is killed when the disk could not be read, which is as it was', async () => {
    const id = await cloud.disk();
    await cloud.faults({ kind: 'job-failed', times: 1 });
    const { body } = await upload(id);
    expect(await image(body['os-volume_upload_image'].image_id)).toMatchObject({ status: 'killed' });
    expect(await cloud.volume(id)).toMatchObject({ status: 'available' });
  });

  it('of a disk in use takes force and stopped servers', async () => {
    const id = await cloud.disk();
    const of = { projectId: cloud.projectId, availabilityZone: 'eu-de-01' };
    const server = (await cloud.switch<{ id: string }>('POST', '/servers', of)).body.id;
    await cloud.ecs('POST', `/cloudservers/${server}/attachvolume`, { volumeAttachment: { volumeId: id } });
    expect((await upload(id)).status).toBe(400);
    expect((await upload(id, { force: true })).status).toBe(400);
    await cloud.switch('PATCH', `/servers/${server}`, { status: 'SHUTOFF' });
    expect((await upload(id, { force: true })).status).toBe(202);
    expect(await cloud.volume(id)).toMatchObject({ status: 'in-use' });
  });

  it.each([
    { image_name: undefined },
    { image_name: ' x' },
    { image_name: 'ü' },
    { disk_format: 'iso' },
    { container_format: 'tar' },
    { force: 'true' },
    { __os_type: 'solaris' },
  ])('is refused with %j', async (wrong) => {
    const { status, body } = await upload(await cloud.disk(), wrong);
    expect({ status, body }).toMatchObject({ status: 400, body: { badRequest: { code: 400 } } });
  });
});
