import { afterEach, describe, expect, it } from 'vitest';
import { startScriptedCloud } from '../../contract/scripted-cloud.js';
import type { ReceivedRequest, ScriptedAnswer } from '../../contract/scripted-server.js';
import { EvsDiskCloud } from '../evs-disk-cloud.js';
import { example } from '../fixtures/examples.js';
import { imagePageSize } from './query-images.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const against = async (call: (request: ReceivedRequest, nth: number) => ScriptedAnswer) => {
  const scripted = await startScriptedCloud({ call });
  const endpoints = { ...scripted.access.endpoints, ims: `${scripted.url}/ims/` };
  const cloud = new EvsDiskCloud({ ...scripted.access, endpoints }, { retryPauseMs: 1 });
  ends.push(() => cloud.close(), scripted.close);
  return { cloud, scripted };
};

const pageOf = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `image-${from + index}`,
    status: 'active',
    visibility: 'public',
  }));

describe('the images of a cloud project', () => {
  it('are read as IMS writes them, on a path without the project', async () => {
    const { cloud, scripted } = await against(() => ({
      status: 200,
      body: example('ims.image.list.public').response.body,
    }));
    expect(await cloud.images()).toEqual({
      offered: true,
      images: [
        {
          id: '2e95c0f4-b7d8-4163-a0f9-8d4e6b1c7a35',
          name: 'Standard_Linux_synthetic',
          minDiskGiB: 8,
          sizeBytes: 1_181_116_006,
          os: 'Synthetic Linux 9 64bit',
          visibility: 'public',
          status: 'active',
          purpose: 'system-disk',
          encrypted: false,
        },
      ],
    });
    expect(scripted.calls().map(({ path }) => path)).toEqual([`/ims/v2/cloudimages?limit=${imagePageSize}`]);
  });

  it('are read to the end, page by page', async () => {
    const { cloud, scripted } = await against((_, nth) => ({
      status: 200,
      body: { images: nth === 1 ? pageOf(imagePageSize, 0) : pageOf(3, imagePageSize) },
    }));
    expect(await cloud.images()).toMatchObject({ images: { length: imagePageSize + 3 } });
    expect(scripted.calls()[1]?.path).toContain(`marker=image-${imagePageSize - 1}`);
  });

  it('that turn in a circle are left', async () => {
    const { cloud, scripted } = await against(() => ({ status: 200, body: { images: pageOf(imagePageSize, 0) } }));
    await expect(cloud.images()).rejects.toMatchObject({ fault: { code: 'endless-list' } });
    expect(scripted.calls()).toHaveLength(2);
  });

  it('are not told by a cloud that holds back its flow, which says so with a 400', async () => {
    const { cloud } = await against(() => ({ status: 400, body: { error: { code: 'IMG.0060', message: 'slow' } } }));
    await expect(cloud.images()).rejects.toMatchObject({ why: 'throttled' });
  });

  it('are none where the binding names no service for them, and nothing is asked', async () => {
    const scripted = await startScriptedCloud({});
    const cloud = new EvsDiskCloud(scripted.access);
    ends.push(() => cloud.close(), scripted.close);
    expect(await cloud.images()).toMatchObject({ offered: false, fault: { code: 'no-ims-endpoint' } });
    expect(scripted.requests).toEqual([]);
  });

  it('are not known while IMS refuses, as ims.error shows', async () => {
    const { response } = example('ims.error');
    const { cloud } = await against(() => ({ status: response.status, body: response.body }));
    await expect(cloud.images()).rejects.toMatchObject({ fault: { code: 'IMG.0024' } });
  });
});
