import { DEFAULT_QUOTA, REGION, startSimulator } from '@strata/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { imageContract, type WithImages } from '../contract/image-contract.js';
import { startScriptedCloud } from '../contract/scripted-cloud.js';
import type { CloudOnTrial } from '../contract/trial.js';
import type { WriteOptions } from '../disk-cloud.js';
import type { NewCloudImage } from '../image-cloud.js';
import { EvsDiskCloud } from './evs-disk-cloud.js';
import { example } from './fixtures/examples.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const wish: NewCloudImage = {
  cloudDiskId: '5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412',
  name: 'ledger-img',
  format: 'zvhd2',
  os: 'linux',
  force: false,
};

const against = async (status: number, body: unknown) => {
  const scripted = await startScriptedCloud({ call: () => ({ status, body }) });
  const endpoints = { ...scripted.access.endpoints, ims: `${scripted.url}/ims` };
  const cloud = new EvsDiskCloud({ ...scripted.access, endpoints }, { retryPauseMs: 1 });
  ends.push(() => cloud.close(), scripted.close);
  if (cloud.imageMaker === null) throw new Error('the binding names the service of images');
  return { images: cloud.imageMaker, calls: scripted.calls };
};
const image = (id: string, rest: object = {}) => ({ id, status: 'active', visibility: 'private', ...rest });

const openSimulated = async (): Promise<CloudOnTrial & WithImages> => {
  const project = { id: '3f8a1c27d94e4b60a5127c9e0b6d1f42', name: 'eu-de_contract', quota: DEFAULT_QUOTA };
  const { url, seed, close } = await startSimulator({ jobMs: 20, seed: { projects: [project] } });
  const cloud = new EvsDiskCloud(
    {
      ...{ kind: 'evs', region: REGION, cloudProjectId: project.id },
      endpoints: { iam: url, evs: url, ims: `${url}/ims` },
      credentials: { domain: seed.domain.name, user: seed.user.name, password: seed.user.password },
    },
    { retryPauseMs: 1 },
  );
  if (cloud.imageMaker === null) throw new Error('the binding names the service of images');
  return {
    ...{ cloud, imageMaker: cloud.imageMaker, format: 'zvhd2', patienceMs: 10_000 },
    place: { type: 'SSD', availabilityZone: 'eu-de-01' },
    // They go with the simulator.
    removeImage: () => Promise.resolve(),
    close: async () => {
      await close();
      await cloud.close();
    },
  };
};

imageContract(openSimulated);

describe('images of disks', () => {
  it('are asked for as the example shows, and answered with their id', async () => {
    const { request, response } = example('evs.volume.upload_image');
    const { images, calls } = await against(response.status, response.body);
    expect(await images.makeImage(wish, now)).toMatchObject({
      ...{ outcome: 'accepted', jobId: null, cloudId: '7a4f0c92-d15b-4e38-b6c0-2f9d81e7a354' },
    });
    expect(calls().map(({ method, path, body }) => ({ method, path, body: JSON.parse(body) as unknown }))).toEqual([
      { method: request.method, path: request.path, body: request.body },
    ]);
  });

  it('that were accepted without being named are unknown', async () => {
    const { images } = await against(202, {});
    expect(await images.makeImage(wish, now)).toMatchObject({ outcome: 'unknown', fault: { code: 'no-image' } });
  });

  it('are looked at one by one, by the filter of the list', async () => {
    const { images, calls } = await against(200, { images: [image('i1', { status: 'saving' })] });
    expect(await images.findImage('i1')).toMatchObject({ id: 'i1', status: 'pending' });
    expect(calls().map(({ path }) => path)).toEqual(['/ims/v2/cloudimages?id=i1']);
    const { images: none } = await against(200, { images: [] });
    expect(await none.findImage('i1')).toBeNull();
  });

  it('are found by their name among those that were made since', async () => {
    const created_at = '2026-03-02T08:00:00Z';
    const { images, calls } = await against(200, {
      images: [image('new', { created_at }), image('old', { created_at: '2026-03-02T07:00:00Z' }), image('ageless')],
    });
    expect(await images.findImagesNamed('ledger img', new Date('2026-03-02T08:00:03Z'))).toEqual(['new']);
    expect(calls().map(({ path }) => path)).toEqual(['/ims/v2/cloudimages?name=ledger+img&visibility=private']);
  });

  it('are none where the binding names no service of images', async () => {
    const scripted = await startScriptedCloud({});
    const cloud = new EvsDiskCloud(scripted.access);
    ends.push(() => cloud.close(), scripted.close);
    expect(cloud.imageMaker).toBeNull();
  });
});
