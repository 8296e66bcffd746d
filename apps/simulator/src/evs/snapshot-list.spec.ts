import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type SnapshotBody } from '../cloud-client.js';
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

const done = () => cloud.advance(1_500);

const availableDisk = async (volume: Record<string, unknown> = {}): Promise<string> => {
  const { body } = await cloud.create(volume);
  await done();
  return (await cloud.job(body.job_id)).body.entities.volume_id ?? '';
};

const availableSnapshot = async (volumeId: string, snapshot: Record<string, unknown> = {}): Promise<string> => {
  const id = await cloud.takeSnapshot(volumeId, snapshot);
  await done();
  return id;
};

interface SnapshotList {
  readonly count: number;
  readonly snapshots: readonly SnapshotBody[];
  readonly snapshots_links?: readonly { readonly href: string }[];
}
const list = async (query = '') => (await cloud.evs<SnapshotList>('GET', `/cloudsnapshots/detail${query}`)).body;

describe('the list of snapshots', () => {
  it('is newest first, counts all, and is cut by marker or offset', async () => {
    const volumeId = await availableDisk();
    for (const name of ['a', 'b', 'c']) await cloud.takeSnapshot(volumeId, { name });
    const names = ({ snapshots }: SnapshotList) => snapshots.map(({ name }) => name);
    const all = await list();
    expect(names(all)).toEqual(['c', 'b', 'a']);
    expect(all).not.toHaveProperty('snapshots_links');
    const first = await list('?limit=2');
    expect({ names: names(first), count: first.count }).toEqual({ names: ['c', 'b'], count: 3 });
    const next = new URL(first.snapshots_links?.[0]?.href ?? '').searchParams;
    const rest = await list(`?limit=2&marker=${next.get('marker')}`);
    expect({ names: names(rest), links: rest.snapshots_links }).toEqual({ names: ['a'], links: [] });
    expect(names(await list('?offset=1&limit=1'))).toEqual(['b']);
  });

  it('is narrowed by disk, name, status and zone', async () => {
    const [one, two] = [await availableDisk(), await availableDisk({ availability_zone: 'eu-de-02' })];
    await availableSnapshot(one, { name: 'x' });
    await cloud.takeSnapshot(two, { name: 'y' });
    for (const query of [`volume_id=${two}`, 'name=y', 'status=creating', 'availability_zone=eu-de-02'])
      expect(await list(`?${query}`)).toMatchObject({ count: 1, snapshots: [{ name: 'y' }] });
    expect(await list(`?volume_id=${two}&name=x`)).toMatchObject({ count: 0 });
  });

  it.each([
    ['limit=0', 'EVS.1023'],
    ['marker=x', 'EVS.1024'],
    ['status=tired', 'EVS.1031'],
    ['availability_zone=nowhere', 'EVS.1041'],
    ['offset=-1', 'EVS.5400'],
  ])('is refused for %s with %s', async (query, code) => {
    expect(await list(`?${query}`)).toMatchObject({ error: { code } });
  });

  it('lags behind when it is told to, with the disk as filter too', async () => {
    const volumeId = await availableDisk();
    const id = await availableSnapshot(volumeId);
    await cloud.advance(60_000);
    await cloud.evs('DELETE', `/cloudsnapshots/${id}`);
    await done();
    await cloud.faults({ kind: 'stale-list', seconds: 30, match: { operation: 'snapshots.list' } });
    expect((await list(`?volume_id=${volumeId}`)).snapshots).toMatchObject([{ id, status: 'available' }]);
    expect(await cloud.evs('GET', `/cloudsnapshots/${id}`)).toMatchObject({ status: 404 });
    await cloud.faults();
    expect(await list()).toMatchObject({ count: 0 });
  });

  it('shows nothing of another project', async () => {
    const id = await availableSnapshot(await availableDisk());
    const other = 'cd'.repeat(16);
    await cloud.switch('PUT', `/projects/${other}`, {});
    const stranger = await enter(simulator, other);
    expect((await stranger.evs<SnapshotList>('GET', '/cloudsnapshots/detail')).body.count).toBe(0);
    expect(await stranger.evs('GET', `/cloudsnapshots/${id}`)).toMatchObject({ status: 404 });
    expect(await stranger.evs('DELETE', `/cloudsnapshots/${id}`)).toMatchObject({ status: 404 });
  });
});

describe('the tags of a snapshot', () => {
  it('are added, replaced, removed, and shown with those of the project', async () => {
    const id = await availableSnapshot(await availableDisk());
    const path = `/os-vendor-tags/snapshots/${id}`;
    expect(await cloud.evs('POST', path, { tags: { a: '1' } })).toMatchObject({ status: 200 });
    expect(await cloud.evs('POST', path, { tags: { b: '2' } })).toMatchObject({ body: { tags: { a: '1', b: '2' } } });
    expect((await cloud.evs('GET', '/os-vendor-tags/snapshots')).body).toEqual({ tags: { a: ['1'], b: ['2'] } });
    expect(await cloud.evs('DELETE', `${path}/a`)).toMatchObject({ status: 200 });
    expect(await cloud.evs('DELETE', `${path}/a`)).toMatchObject({ status: 404 });
    expect((await cloud.evs('GET', path)).body).toEqual({ tags: { b: '2' } });
    expect((await cloud.evs('PUT', path, { tags: { c: '3' } })).body).toEqual({ tags: { c: '3' } });
    expect(await cloud.evs('PUT', path, { tags: { 'a b': '' } })).toMatchObject({
      body: { badRequest: { code: 400 } },
    });
  });
});
