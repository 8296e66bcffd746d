import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let giver: CloudClient;
let receiver: CloudClient;

const [giving, receiving] = ['a1'.repeat(16), 'b2'.repeat(16)];

beforeAll(async () => {
  const projects = [
    { id: giving, name: 'eu-de_giver' },
    { id: receiving, name: 'eu-de_receiver' },
  ];
  simulator = await startSimulator({ jobMs: 0, seed: { projects } });
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  [giver, receiver] = [await enter(simulator, giving), await enter(simulator, receiving)];
});
afterAll(() => simulator.close());

interface TransferBody {
  readonly id: string;
  readonly name: string;
  readonly volume_id: string;
  readonly auth_key: string;
  readonly created_at: string;
}
type One = { readonly transfer: TransferBody };
type Many = { readonly transfers: readonly TransferBody[] };

const path = '/os-volume-transfer';
const offer = (volumeId: string, rest: object = {}) =>
  giver.evs<One>('POST', path, { transfer: { volume_id: volumeId, name: 'handover', ...rest } });
const accept = (id: string, authKey: unknown, by = receiver) =>
  by.evs<One>('POST', `${path}/${id}/accept`, { accept: { auth_key: authKey } });
const badRequest = { status: 400, body: { badRequest: { code: 400 } } };
const notFound = { status: 404, body: { itemNotFound: { code: 404 } } };

describe('a disk that is offered', () => {
  it('awaits its transfer, and its key is told once', async () => {
    const volumeId = await giver.disk();
    const { status, body } = await offer(volumeId);
    expect(status).toBe(202);
    expect(body.transfer).toMatchObject({ name: 'handover', volume_id: volumeId });
    expect(body.transfer.auth_key).toMatch(/^[0-9a-f]{16}$/);
    expect((await giver.volume(volumeId)).status).toBe('awaiting-transfer');
    const { auth_key: _, ...shown } = body.transfer;
    expect((await giver.evs(`GET`, `${path}/${shown.id}`)).body).toEqual({ transfer: shown });
    expect((await giver.evs<Many>('GET', `${path}/detail`)).body).toEqual({ transfers: [shown] });
    const { created_at: __, ...inBrief } = shown;
    expect((await giver.evs<Many>('GET', path)).body).toEqual({ transfers: [inBrief] });
    const state = await giver.switch('GET', '/state');
    expect(JSON.stringify(state.body)).not.toContain(body.transfer.auth_key);
  });

  it('is left alone, and is available again when the offer is taken back', async () => {
    const volumeId = await giver.disk();
    const { id, auth_key: key } = (await offer(volumeId)).body.transfer;
    expect(await offer(volumeId)).toMatchObject(badRequest);
    expect(await giver.evs('DELETE', `/volumes/${volumeId}`)).toMatchObject({ status: 400 });
    expect((await giver.evs('DELETE', `${path}/${id}`)).status).toBe(202);
    expect((await giver.volume(volumeId)).status).toBe('available');
    expect(await giver.evs('DELETE', `${path}/${id}`)).toMatchObject(notFound);
    expect(await accept(id, key)).toMatchObject(notFound);
  });

  it('goes over with its id, its words and its quota', async () => {
    await giver.disk({ name: 'older' });
    const volumeId = await giver.disk({ size: 40, metadata: { a: '1' }, tags: { team: 'a' } });
    const theirs = await receiver.disk();
    const before = await giver.volume(volumeId);
    const { id, auth_key: key } = (await offer(volumeId)).body.transfer;
    const accepted = await accept(id, key);
    expect(accepted).toMatchObject({ status: 202, body: { transfer: { id, name: 'handover', volume_id: volumeId } } });
    expect(await giver.evs('GET', `/volumes/${volumeId}`)).toMatchObject(notFound);
    const { links: _, ...after } = (await receiver.volume(volumeId)) as unknown as Record<string, unknown>;
    const { tags, metadata, created_at } = before;
    expect(after).toMatchObject({ ...{ status: 'available', size: 40, tags, metadata, created_at } });
    expect(after['os-vol-tenant-attr:tenant_id']).toBe(receiving);
    expect((await giver.list()).volumes.map(({ name }) => name)).toEqual(['older']);
    expect((await receiver.list()).volumes.map((each) => each.id)).toEqual([theirs, volumeId]);
    expect((await receiver.list(`?marker=${theirs}`)).volumes.map((each) => each.id)).toEqual([volumeId]);
    expect(await giver.quota('gigabytes')).toMatchObject({ in_use: 10 });
    expect(await receiver.quota('gigabytes')).toMatchObject({ in_use: 50 });
    expect((await giver.evs<Many>('GET', path)).body.transfers).toEqual([]);
    expect(await accept(id, key)).toMatchObject(notFound);
  });

  it('may come back, and a list that lags shows it where it was', async () => {
    const volumeId = await giver.disk();
    const there = (await offer(volumeId)).body.transfer;
    await giver.freeze();
    await giver.advance(60_000);
    await accept(there.id, there.auth_key);
    await giver.faults({ kind: 'stale-list', seconds: 30 });
    expect((await giver.list()).volumes).toMatchObject([{ id: volumeId, status: 'awaiting-transfer' }]);
    expect((await receiver.list()).volumes).toEqual([]);
    await giver.faults();
    const body = { transfer: { volume_id: volumeId, name: 'back' } };
    const back = (await receiver.evs<One>('POST', path, body)).body.transfer;
    expect((await accept(back.id, back.auth_key, giver)).status).toBe(202);
    await giver.advance(3_600_000);
    expect((await giver.list()).volumes).toMatchObject([{ id: volumeId, status: 'available' }]);
    expect((await giver.volume(volumeId)).status).toBe('available');
    expect((await receiver.list()).volumes).toEqual([]);
  });

  it('is shown to nobody but whoever offers it, and accepted by whoever has the key', async () => {
    const { id, auth_key: key } = (await offer(await giver.disk())).body.transfer;
    expect(await receiver.evs('GET', `${path}/${id}`)).toMatchObject(notFound);
    expect(await receiver.evs('DELETE', `${path}/${id}`)).toMatchObject(notFound);
    expect((await receiver.evs<Many>('GET', `${path}/detail`)).body.transfers).toEqual([]);
    for (const wrong of ['0'.repeat(16), '', 7]) expect(await accept(id, wrong)).toMatchObject(badRequest);
    expect(await accept(randomUUID(), key)).toMatchObject(notFound);
    expect((await accept(id, key)).status).toBe(202);
  });

  it('stays where it is when the other project has no room for it', async () => {
    const volumeId = await giver.disk({ size: 40 });
    const { id, auth_key: key } = (await offer(volumeId)).body.transfer;
    await receiver.switch('PUT', `/projects/${receiving}`, { quota: { gigabytes: 39 } });
    const refused = await accept(id, key);
    expect(refused).toMatchObject({ status: 413, body: { overLimit: { code: 413 } } });
    expect((await giver.volume(volumeId)).status).toBe('awaiting-transfer');
  });

  it('is forgotten with its disk', async () => {
    const volumeId = await giver.disk();
    await offer(volumeId);
    await giver.switch('POST', `/disks/${volumeId}`, { delete: true });
    expect((await giver.evs<Many>('GET', path)).body.transfers).toEqual([]);
  });
});

describe('a disk that is not to be offered', () => {
  const encrypted = { metadata: { __system__encrypted: '1', __system__cmkid: randomUUID() } };
  const ofImage = { imageRef: '4c1a9f70-6b2e-4d83-9e15-a07c3d8f5b21' };

  it.each([
    ['is encrypted', () => giver.disk(encrypted)],
    ['is a system disk', () => giver.disk(ofImage)],
    [
      'has snapshots',
      async () => {
        const volumeId = await giver.disk();
        await giver.takeSnapshot(volumeId);
        return volumeId;
      },
    ],
    [
      'is in use',
      async () => {
        const volumeId = await giver.disk();
        await giver.switch('POST', `/disks/${volumeId}`, { status: 'in-use' });
        return volumeId;
      },
    ],
  ])('%s', async (_, make) => {
    const volumeId = await make();
    expect(await offer(volumeId)).toMatchObject(badRequest);
  });

  it('is that of another project, or none', async () => {
    expect(await offer(await receiver.disk())).toMatchObject(notFound);
    expect(await offer(randomUUID())).toMatchObject(notFound);
  });

  it('is offered without a name, or with one that is too long', async () => {
    const volumeId = await giver.disk();
    for (const name of [undefined, null, '', 'x'.repeat(256)])
      expect(await offer(volumeId, { name })).toMatchObject(badRequest);
    expect((await offer(volumeId, { name: 'x'.repeat(255) })).status).toBe(202);
  });
});

describe('a list of transfers', () => {
  it('goes page by page, newest first', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await offer(await giver.disk())).body.transfer.id);
    const page = async (query: string) =>
      (await giver.evs<Many>('GET', `${path}/detail?${query}`)).body.transfers.map(({ id }) => id);
    expect(await page('limit=2')).toEqual(ids.slice(0, 2));
    expect(await page('limit=2&offset=2')).toEqual(ids.slice(2));
    for (const wrong of ['limit=0', 'limit=1001', 'offset=x'])
      expect(await giver.evs('GET', `${path}/detail?${wrong}`)).toMatchObject(badRequest);
  });

  it('may lag behind', async () => {
    await giver.freeze();
    await offer(await giver.disk());
    await giver.faults({ kind: 'stale-list', seconds: 1 });
    expect((await giver.evs<Many>('GET', path)).body.transfers).toEqual([]);
    await giver.advance(2_000);
    expect((await giver.evs<Many>('GET', path)).body.transfers).toHaveLength(1);
  });
});
