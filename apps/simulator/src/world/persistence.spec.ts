import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type ListBody } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let dataFolder: string;
let simulator: Simulator;

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'simulator-'));
  simulator = await startSimulator({ dataFolder });
});
afterEach(async () => {
  await simulator.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

const restart = async (): Promise<void> => {
  await simulator.close();
  simulator = await startSimulator({ dataFolder });
};

const state = async (): Promise<unknown> => (await fetch(`${simulator.url}/_simulator/state`)).json();

const serverIds = async (): Promise<readonly string[]> => {
  const { projects } = (await state()) as { projects: { servers: { id: string }[] }[] };
  return projects[0]?.servers.map(({ id }) => id) ?? [];
};

describe('what is kept in the data folder', () => {
  it('is all of the cloud: disks, work under way, tokens, projects, zones and the clock', async () => {
    const cloud = await enter(simulator);
    await cloud.freeze();
    await cloud.advance(86_400_000_000);
    const second = 'ab'.repeat(16);
    await cloud.switch('PUT', `/projects/${second}`, { quota: { volumes: 7 } });
    await cloud.switch('PUT', '/zones/eu-de-03', { available: false });
    const again = await enter(simulator);
    const { body } = await again.create({ name: 'under-way', tags: { k: 'v' } });
    const before = await state();
    await restart();
    expect(await state()).toEqual(before);
    const survivor = await survivorOf(again);
    expect((await survivor.job(body.job_id)).body.status).toBe('INIT');
    await survivor.advance(1_500);
    expect((await survivor.job(body.job_id)).body.status).toBe('SUCCESS');
    expect((await survivor.list()).volumes).toMatchObject([{ name: 'under-way', status: 'available' }]);
    const next = await survivor.create({ name: 'later' });
    await survivor.advance(1_500);
    expect((await survivor.job(next.body.job_id)).body.status).toBe('SUCCESS');
    expect((await survivor.list()).volumes.map(({ name }) => name)).toEqual(['later', 'under-way']);
  });

  it('is every access key as it was changed, the seeded one too', async () => {
    const cloud = await enter(simulator);
    const [seeded] = simulator.seed.accessKeys;
    await cloud.freeze();
    await cloud.switch('PUT', `/access-keys/${seeded?.accessKey}`, { active: false });
    await cloud.switch('PUT', '/access-keys/NEW1', { secretKey: 's', securityToken: 't', expiresInMs: 1_000 });
    const shown = async (): Promise<unknown> => (await fetch(`${simulator.url}/_simulator/access-keys`)).json();
    const before = await shown();
    await restart();
    await restart();
    expect(await shown()).toEqual(before);
    expect(before).toMatchObject({ accessKeys: [{ active: false }, { accessKey: 'NEW1', temporary: true }] });
  });

  it('is all of the servers and their disks too', async () => {
    const cloud = await enter(simulator);
    await cloud.switch('POST', '/latency', { jobMs: 0 });
    const [first = '', second = ''] = [await cloud.disk(), await cloud.disk()];
    await cloud.freeze();
    await cloud.switch('POST', '/latency', { jobMs: 1_500 });
    const [gone, kept] = await serverIds();
    await cloud.switch('DELETE', `/servers/${gone}`);
    await cloud.switch('PATCH', `/servers/${kept}`, { name: 'kept' });
    await cloud.switch('POST', `/servers/${kept}/attachments`, { diskId: first });
    const { body } = await cloud.ecs<{ job_id: string }>('POST', `/cloudservers/${kept}/attachvolume`, {
      volumeAttachment: { volumeId: second },
    });
    const before = await state();
    await restart();
    expect(await state()).toEqual(before);
    expect(await serverIds()).not.toContain(gone);
    const survivor = await survivorOf(cloud);
    await survivor.advance(1_500);
    expect((await survivor.ecs('GET', `/jobs/${body.job_id}`)).body).toMatchObject({ status: 'SUCCESS' });
    expect(await survivor.volume(second)).toMatchObject({ status: 'in-use', attachments: [{ device: '/dev/vdc' }] });
  });

  it('may be from before disks could be attached', async () => {
    const cloud = await enter(simulator);
    await cloud.switch('POST', '/latency', { jobMs: 0 });
    const id = await cloud.disk({ name: 'old' });
    await simulator.close();
    const path = join(dataFolder, 'journal.ndjson');
    const lines = readFileSync(path, 'utf8').split('\n');
    const older = lines
      .filter((line) => !line.includes('"kind":"servers"'))
      .map((line) => line.replace('"attachments":[],', ''));
    writeFileSync(path, older.join('\n'));
    simulator = await startSimulator({ dataFolder });
    expect(await (await survivorOf(cloud)).volume(id)).toMatchObject({ name: 'old', attachments: [] });
    expect(await serverIds()).toHaveLength(9);
  });

  it('is every offer of a disk, with its key, and where each disk went', async () => {
    const cloud = await enter(simulator);
    const second = 'ab'.repeat(16);
    await cloud.switch('PUT', `/projects/${second}`, { quota: {} });
    await cloud.switch('POST', '/latency', { jobMs: 0 });
    type One = { readonly transfer: { readonly id: string; readonly auth_key: string } };
    const offer = async () => {
      const transfer = { volume_id: await cloud.disk(), name: 'handover' };
      return (await cloud.evs<One>('POST', '/os-volume-transfer', { transfer })).body.transfer;
    };
    const [kept, gone] = [await offer(), await offer()];
    const accept = async ({ id, auth_key }: One['transfer']) => {
      const receiver = await enter(simulator, second);
      return (await receiver.evs('POST', `/os-volume-transfer/${id}/accept`, { accept: { auth_key } })).status;
    };
    expect(await accept(gone)).toBe(202);
    await cloud.switch('POST', '/latency', { jobMs: 1_500 });
    await cloud.freeze();
    const before = await state();
    await restart();
    await restart();
    expect(await state()).toEqual(before);
    expect(await accept(kept)).toBe(202);
    expect((await (await survivorOf(cloud)).list()).volumes).toEqual([]);
  });

  it('is every snapshot too, and the work on it', async () => {
    const cloud = await enter(simulator);
    await cloud.freeze();
    await cloud.create({ name: 'source' });
    await cloud.advance(1_500);
    const [source] = (await cloud.list()).volumes;
    const ready = await cloud.takeSnapshot(source?.id ?? '', { name: 'ready' });
    await cloud.advance(1_500);
    await cloud.create({ name: 'copy', snapshot_id: ready });
    const lost = await cloud.takeSnapshot(source?.id ?? '', { name: 'lost' });
    await cloud.switch('DELETE', `/snapshots/${lost}`);
    const underWay = await cloud.takeSnapshot(source?.id ?? '', { name: 'under way' });
    await cloud.evs('POST', `/cloudsnapshots/${ready}/rollback`, { rollback: { volume_id: source?.id } });
    const before = await state();
    await restart();
    expect(await state()).toEqual(before);
    await restart();
    expect(await state()).toEqual(before);
    const survivor = await survivorOf(cloud);
    expect(await survivor.snapshot(ready)).toMatchObject({ status: 'rollbacking' });
    await survivor.advance(1_500);
    expect(await survivor.snapshot(ready)).toMatchObject({ status: 'available' });
    expect(await survivor.snapshot(underWay)).toMatchObject({ status: 'available' });
    expect(await survivor.quota('snapshots')).toMatchObject({ reserved: 0, in_use: 2 });
    expect((await survivor.list()).volumes).toMatchObject([
      { name: 'copy', status: 'available', snapshot_id: ready },
      { name: 'source', status: 'available' },
    ]);
  });

  it('is whole without the torn last line of a machine that died', async () => {
    const cloud = await enter(simulator);
    await cloud.freeze();
    await cloud.create({ name: 'kept' });
    const before = await state();
    await simulator.close();
    appendFileSync(join(dataFolder, 'journal.ndjson'), '{"atMs":1,"change":{"kind":"remo');
    simulator = await startSimulator({ dataFolder });
    expect(await state()).toEqual(before);
    await (await survivorOf(cloud)).create({ name: 'next' });
    const after = await state();
    await restart();
    expect(await state()).toEqual(after);
  });

  it('does not grow with the past', async () => {
    const cloud = await enter(simulator);
    await cloud.switch('POST', '/latency', { jobMs: 0 });
    const id = await cloud.disk();
    for (let round = 0; round < 50; round += 1)
      await cloud.evs('PUT', `/volumes/${id}`, { volume: { name: `round-${round}` } });
    const lines = () => readFileSync(join(dataFolder, 'journal.ndjson'), 'utf8').split('\n').length;
    const before = lines();
    await restart();
    expect(lines()).toBeLessThan(before - 40);
  });

  it('is empty after a reset, and stays so', async () => {
    const cloud = await enter(simulator);
    await cloud.create();
    await cloud.switch('POST', '/reset');
    await restart();
    expect(await state()).toMatchObject({ projects: [{ disks: [], jobs: [] }] });
  });
});

/** The same caller with the same token, at the simulator that was started again. */
const survivorOf = async (cloud: CloudClient): Promise<CloudClient> => {
  const fresh = await enter(simulator);
  return Object.assign(fresh, { token: cloud.token });
};

type Step = {
  readonly kind: 'create' | 'delete' | 'extend' | 'tag' | 'rename' | 'metadata' | 'behind' | 'pass';
  readonly pick: number;
};

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('create', 'create', 'delete', 'extend', 'tag', 'rename', 'metadata', 'behind', 'pass'),
    pick: fc.nat({ max: 9 }),
  }),
  { minLength: 20, maxLength: 60 },
);

const take = async (cloud: CloudClient, { kind, pick }: Step): Promise<unknown> => {
  const { volumes } = await cloud.list();
  const volume = volumes[pick % Math.max(1, volumes.length)];
  const label = `v${pick % 3}`;
  if (kind === 'create')
    return cloud.create({ name: label, count: 1 + (pick % 3), tags: { mark: label }, metadata: { mark: label } });
  if (kind === 'pass') return cloud.advance(pick * 400);
  if (!volume) return undefined;
  switch (kind) {
    case 'delete':
      return cloud.evs('DELETE', `/cloudvolumes/${volume.id}`);
    case 'extend':
      return cloud.evs('POST', `/volumes/${volume.id}/action`, { 'os-extend': { new_size: volume.size + 10 } });
    case 'tag':
      return cloud.evs('POST', `/os-vendor-volumes/${volume.id}/tags/action`, {
        action: pick > 4 ? 'create' : 'delete',
        tags: [{ key: 'mark', value: label }],
      });
    case 'rename':
      return cloud.evs('PUT', `/volumes/${volume.id}`, { volume: { name: label } });
    case 'metadata':
      return cloud.evs('PUT', `/volumes/${volume.id}/metadata`, { metadata: { mark: label } });
    case 'behind':
      return cloud.switch(
        'POST',
        `/disks/${volume.id}`,
        pick > 7 ? { delete: true } : { size: 10 + pick, status: 'available' },
      );
  }
};

interface Found {
  readonly resources: readonly { readonly resource_id: string }[];
}

const expectIndexesAgree = async (cloud: CloudClient): Promise<void> => {
  const all = await cloud.list();
  for (const label of ['v0', 'v1', 'v2']) {
    const idsOf = ({ volumes }: Pick<ListBody, 'volumes'>) => volumes.map(({ id }) => id);
    const idsWhere = (holds: (volume: ListBody['volumes'][number]) => boolean) =>
      idsOf({ volumes: all.volumes.filter(holds) });
    expect(idsOf(await cloud.list(`?name=${label}`))).toEqual(idsWhere(({ name }) => name === label));
    const metadata = encodeURIComponent(JSON.stringify({ mark: label }));
    expect(idsOf(await cloud.list(`?metadata=${metadata}`))).toEqual(
      idsWhere((volume) => volume.metadata['mark'] === label),
    );
    const search = { action: 'filter', tags: [{ key: 'mark', values: [label] }] };
    const { body } = await cloud.evs<Found>('POST', '/cloudvolumes/resource_instances/action', search);
    expect(body.resources.map(({ resource_id }) => resource_id)).toEqual(
      idsWhere(({ tags }) => tags['mark'] === label),
    );
  }
};

/** What the quota must say, counted over the disks. */
const expectQuotaAgrees = async (cloud: CloudClient): Promise<void> => {
  const { volumes } = await cloud.list();
  const { reserved, in_use: inUse } = await cloud.quota('volumes');
  expect({ reserved, inUse }).toEqual({
    reserved: volumes.filter(({ status }) => status === 'creating').length,
    inUse: volumes.filter(({ status }) => status !== 'creating').length,
  });
  const settled = volumes.filter(({ status }) => status !== 'creating');
  expect((await cloud.quota('gigabytes')).in_use).toBe(settled.reduce((sum, { size }) => sum + size, 0));
};

describe('whatever happens', () => {
  it('the journal tells it again, and indexes and quota agree with the disks', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
        const cloud = await enter(simulator);
        await cloud.freeze();
        for (const step of taken) await take(cloud, step);
        const before = await state();
        await restart();
        expect({ ...(before as object), latency: undefined }).toEqual({
          ...((await state()) as object),
          latency: undefined,
        });
        const survivor = await survivorOf(cloud);
        for (const each of [1, 2]) {
          await expectIndexesAgree(survivor);
          await expectQuotaAgrees(survivor);
          await survivor.advance(each * 700);
        }
      }),
      { numRuns: 12 },
    );
  });
});
