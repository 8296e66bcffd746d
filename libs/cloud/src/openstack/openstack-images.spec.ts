import { afterEach, describe, expect, it } from 'vitest';
import type { ReceivedRequest, ScriptedAnswer } from '../contract/scripted-server.js';
import { startScriptedOpenstack } from '../contract/scripted-openstack.js';
import type { ImageCloud, NewCloudImage } from '../image-cloud.js';
import type { DiskCloud, WriteOptions } from '../disk-cloud.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const project = '3f8a1c27d94e4b60a5127c9e0b6d1f42';
const cinder = `/v3/${project}`;

const makerOf = ({ imageMaker }: DiskCloud): ImageCloud => {
  if (imageMaker === null) throw new Error('OpenStack makes images');
  return imageMaker;
};

const against = async (
  call: (request: ReceivedRequest, nth: number) => ScriptedAnswer,
  endpoints = (url: string): Record<string, string> => ({ keystone: url, cinder: url, glance: `${url}/image/` }),
) => {
  const { cloud, asked, close } = await startScriptedOpenstack({ call }, { endpoints });
  ends.push(close);
  return { cloud, images: makerOf(cloud), asked };
};
const always = (answer: ScriptedAnswer) => against(() => answer);

const image = (id: string, rest: object = {}) => ({
  ...{ id, name: 'ubuntu', status: 'active', visibility: 'public', min_disk: 0, size: 700_000_000 },
  ...{ virtual_size: 2_361_393_152, disk_format: 'qcow2', created_at: '2026-03-02T08:00:00Z' },
  ...rest,
});
const notFound = {
  status: 404,
  body: { message: 'Failed to find image i1<br /><br />\n\n\n', code: '404 Not Found', title: 'Not Found' },
};
const wish: NewCloudImage = { cloudDiskId: 'v1', name: 'ledger-img', format: 'qcow2', os: 'linux', force: false };

describe('images of Glance', () => {
  it('are listed to the end, in our words', async () => {
    const { cloud, asked } = await against((_, nth) => ({
      status: 200,
      body:
        nth === 1
          ? { images: [image('i1', { os_distro: 'ubuntu', os_version: '24.04' })], next: '/v2/images?marker=i1' }
          : {
              images: [
                image('i2', { visibility: 'community', min_disk: 8, os_type: 'linux', disk_format: 'iso' }),
                image('i3', { visibility: 'private', status: 'queued', size: null, virtual_size: null }),
                image('i4', { visibility: 'shared', status: 'deactivated', cinder_encryption_key_id: 'k' }),
              ],
            },
    }));
    const common = { name: 'ubuntu', sizeBytes: 700_000_000, minDiskGiB: 3, os: null, encrypted: false };
    const active = { ...common, status: 'active', purpose: 'system-disk' };
    expect(await cloud.images()).toEqual({
      offered: true,
      images: [
        { ...active, id: 'i1', os: 'ubuntu 24.04', visibility: 'public' },
        { ...active, id: 'i2', os: 'linux', visibility: 'public', minDiskGiB: 8, purpose: 'installation' },
        { ...active, id: 'i3', visibility: 'private', status: 'pending', sizeBytes: null, minDiskGiB: 0 },
        { ...active, id: 'i4', visibility: 'shared', status: 'unknown', encrypted: true },
      ],
    });
    expect(asked().map(({ path }) => path)).toEqual([
      '/image/v2/images?limit=1000',
      '/image/v2/images?limit=1000&marker=i1',
    ]);
  });

  it('that turn in a circle are left', async () => {
    const { cloud, asked } = await always({ status: 200, body: { images: [image('i1')], next: '/v2/images' } });
    await expect(cloud.images()).rejects.toMatchObject({ fault: { code: 'endless-list' } });
    expect(asked()).toHaveLength(2);
  });

  it('are none where neither binding nor catalogue names the service', async () => {
    const { cloud, images, asked } = await against(
      () => ({ status: 202 }),
      (url) => ({ keystone: url, cinder: url }),
    );
    const fault = { code: 'no-glance-endpoint' };
    expect(await cloud.images()).toMatchObject({ offered: false, fault });
    expect(await images.makeImage(wish, now)).toMatchObject({
      ...{ outcome: 'refused', reason: 'images-not-offered', fault },
    });
    expect(asked()).toEqual([]);
  });

  it('are shown one by one, and are absent only when the service says so', async () => {
    const { images, asked } = await always({ status: 200, body: image('i1', { status: 'saving' }) });
    expect(await images.findImage('i1')).toMatchObject({ id: 'i1', status: 'pending' });
    expect(asked().map(({ path }) => path)).toEqual(['/image/v2/images/i1']);
    const { images: gone } = await always(notFound);
    expect(await gone.findImage('i1')).toBeNull();
    const { images: behindProxy } = await always({ status: 404, body: '<h1>404</h1>' });
    await expect(behindProxy.findImage('i1')).rejects.toMatchObject({ why: 'unavailable' });
  });

  it.each([
    ['plain name', { name: 'plain name' }],
    ['in:a name that looks like an operator', {}],
  ])('are found by their name among those that the project made since: %s', async (name, filter) => {
    const images = [image('new', { name }), image('old', { name, created_at: '2026-03-02T07:00:00Z' }), image('other')];
    const { images: found, asked } = await always({ status: 200, body: { images } });
    expect(await found.findImagesNamed(name, new Date('2026-03-02T08:00:03Z'))).toEqual(['new']);
    const query = new URLSearchParams(asked()[0]?.path.split('?')[1]);
    expect(Object.fromEntries(query)).toEqual({ ...filter, owner: project, limit: '1000' });
  });
});

describe('an image made of a volume', () => {
  it('is asked for in Cinder, and answered with its id', async () => {
    const { images, asked } = await always({ status: 202, body: { 'os-volume_upload_image': { image_id: 'i1' } } });
    expect(await images.makeImage(wish, now)).toMatchObject({ outcome: 'accepted', jobId: null, cloudId: 'i1' });
    const action = { image_name: 'ledger-img', disk_format: 'qcow2', container_format: 'bare', force: false };
    expect(asked()).toEqual([
      { method: 'POST', path: `${cinder}/volumes/v1/action`, body: { 'os-volume_upload_image': action } },
    ]);
  });

  it('is unknown when it was accepted without being named', async () => {
    const { images } = await always({ status: 202, body: {} });
    expect(await images.makeImage(wish, now)).toMatchObject({ outcome: 'unknown', fault: { code: 'no-image' } });
  });

  it('is not made in a format that OpenStack does not know', async () => {
    const { images, asked } = await always({ status: 202 });
    expect(await images.makeImage({ ...wish, format: 'zvhd2' }, now)).toMatchObject({
      ...{ outcome: 'refused', reason: 'invalid', fault: { code: 'image-format' } },
    });
    expect(asked()).toEqual([]);
  });
});
