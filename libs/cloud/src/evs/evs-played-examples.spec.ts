import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startScriptedCloud } from '../contract/scripted-cloud.js';
import type { Sent, WriteOptions } from '../disk-cloud.js';
import { TransferKey } from '../transfer-cloud.js';
import { EvsDiskCloud } from './evs-disk-cloud.js';
import { example } from './fixtures/examples.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const ledger = '5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412';
const server = '96f1a4b0-3d27-4e8c-b5a9-c07d18e2f643';
const beforeUpgrade = 'a1d86f20-5b3c-4e97-8f14-6c0e2b97d5a8';
const marker = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f.1';
const markerTag = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f_1';

/** Answers every call with what the reference's example shows; with `after` what comes after the first, a list's next page. */
const against = async (
  name: string,
  { cloudProjectId, after }: { readonly cloudProjectId?: string; readonly after?: object } = {},
) => {
  const { response } = example(name);
  const scripted = await startScriptedCloud({
    call: (_, nth) => ({
      status: response.status,
      headers: { 'x-request-id': 'req-7' },
      body: nth === 1 ? response.body : (after ?? response.body),
    }),
  });
  const endpoints = { ...scripted.access.endpoints, ecs: scripted.url };
  const project = cloudProjectId === undefined ? {} : { cloudProjectId };
  const cloud = new EvsDiskCloud({ ...scripted.access, endpoints, ...project }, { retryPauseMs: 1 });
  ends.push(() => cloud.close(), scripted.close);
  const sent = () =>
    scripted
      .calls()
      .map(({ method, path, body }) => ({ method, path, ...(body !== '' && { body: JSON.parse(body) as unknown }) }));
  return { cloud, sent };
};

const asked = (name: string) => {
  const { method, path, body } = example(name).request;
  return { method, path, ...(body !== undefined && { body }) };
};
const accepted = (rest: Partial<Extract<Sent, { outcome: 'accepted' }>>) => ({
  outcome: 'accepted',
  jobId: null,
  requestId: 'req-7',
  ...rest,
});

const known = {
  cloudId: beforeUpgrade,
  cloudDiskId: ledger,
  name: 'ledger-before-upgrade',
  description: '',
  status: 'available',
  cloudStatus: 'available',
  sizeGiB: 100,
  metadata: { 'cmd-id': 'c-0007' },
  marker: null,
  createdAt: '2026-03-02T09:00:00.402Z',
};

describe('a call of EVS on snapshots', () => {
  it('takes one as evs.snapshot.create shows, with the marker in its metadata', async () => {
    const { cloud, sent } = await against('evs.snapshot.create');
    const wish = { name: 'ledger-before-upgrade', description: '', force: true, metadata: { 'cmd-id': 'c-0007' } };
    const answer = await cloud.snapshots.createSnapshot({ ...wish, marker, cloudDiskId: ledger }, now);
    expect(answer).toEqual(accepted({ cloudId: beforeUpgrade }));
    const metadata = { ...wish.metadata, 'strata.marker': marker };
    const body = { snapshot: { ...wish, volume_id: ledger, metadata } };
    expect(sent()).toEqual([{ ...asked('evs.snapshot.create'), body }]);
  });

  it('reads one, and the list of a disk, as the examples show them', async () => {
    const one = await against('evs.snapshot.get');
    expect(await one.cloud.snapshots.findSnapshot(beforeUpgrade)).toEqual(known);
    expect(one.sent()).toEqual([asked('evs.snapshot.get')]);
    // The example is a page of one, which leads on.
    const list = await against('evs.snapshot.list.detail', { after: { count: 1, snapshots: [] } });
    expect(await list.cloud.snapshots.findSnapshotsOfDisk(ledger)).toEqual([known]);
    const lines = list.sent().map(({ path }) => path.split('?'));
    expect(lines.map(([path]) => path)).toEqual(Array(2).fill(asked('evs.snapshot.list.detail').path.split('?')[0]));
    const first = { volume_id: ledger, limit: '1000' };
    expect(lines.map(([, query]) => Object.fromEntries(new URLSearchParams(query)))).toEqual([
      first,
      { ...first, marker: beforeUpgrade },
    ]);
  });

  it('renames and deletes one, and rolls its disk back, as the examples show', async () => {
    const renamed = await against('evs.snapshot.update');
    await renamed.cloud.snapshots.changeSnapshot(beforeUpgrade, { name: 'ledger-keep' }, now);
    expect(renamed.sent()).toEqual([asked('evs.snapshot.update')]);
    const deleted = await against('evs.snapshot.delete');
    const gone = await deleted.cloud.snapshots.deleteSnapshot(beforeUpgrade, now);
    expect(gone).toEqual(accepted({ cloudId: beforeUpgrade }));
    expect(deleted.sent()).toEqual([asked('evs.snapshot.delete')]);
    const rolled = await against('evs.snapshot.rollback');
    const back = await rolled.cloud.snapshots.rollBack(beforeUpgrade, ledger, now);
    expect(back).toEqual(accepted({ cloudId: ledger }));
    expect(rolled.sent()).toEqual([asked('evs.snapshot.rollback')]);
  });

  it('makes a disk of one, as evs.volume.create.from_snapshot shows', async () => {
    const { cloud, sent } = await against('evs.volume.create.from_snapshot');
    const wish = { name: 'ledger-clone', description: '', sizeGiB: 120, type: 'SSD', availabilityZone: 'eu-de-01' };
    const source = { snapshotCloudId: beforeUpgrade };
    const answer = await cloud.createDisk({ ...wish, marker, tags: {}, metadata: {}, source }, now);
    expect(answer).toEqual(accepted({ jobId: '9a17c3e04f6b82d5019b3e7745ac0011', cloudId: null }));
    const { volume } = example('evs.volume.create.from_snapshot').request.body as { volume: object };
    const body = {
      volume: {
        ...volume,
        description: '',
        count: 1,
        // A clone in full: whether a linked one goes with its snapshot is not documented.
        metadata: { 'strata.marker': marker },
        tags: { 'strata-marker': markerTag },
      },
    };
    expect(sent()).toEqual([{ ...asked('evs.volume.create.from_snapshot'), body }]);
  });
});

describe('a call of EVS on transfers', () => {
  const disk = '0ab93c55-6e7f-47d1-9c08-54f2a1b7e386';
  const transferId = 'f45a9e31-7bc2-48d0-a6e8-d1937c05b2fa';
  const key = '5e0b7d91c2f4a836';

  it('offers a disk as evs.transfer.create shows, and keeps the key to itself', async () => {
    const { cloud, sent } = await against('evs.transfer.create');
    const offered = await cloud.transfers.offerDisk(disk, 'handover-17', now);
    expect(offered).toMatchObject({ outcome: 'offered', transferId, requestId: 'req-7' });
    expect(offered.outcome === 'offered' && offered.key.reveal()).toBe(key);
    for (const text of [JSON.stringify(offered), inspect(offered, { depth: 9 }), String(offered)])
      expect(text).not.toContain(key);
    expect(sent()).toEqual([asked('evs.transfer.create')]);
  });

  it('accepts one in the project that receives, as evs.transfer.accept shows', async () => {
    const { cloud, sent } = await against('evs.transfer.accept', {
      cloudProjectId: 'b07e55d1c3aa49f29e6804f71d2c8a95',
    });
    const answer = await cloud.transfers.acceptDisk(transferId, new TransferKey(key), now);
    expect(answer).toEqual(accepted({ cloudId: disk }));
    expect(sent()).toEqual([asked('evs.transfer.accept')]);
  });

  it('tells a fault without the key, also where the cloud repeats it', async () => {
    const message = `Invalid auth key: ${key}`;
    const scripted = await startScriptedCloud({
      call: () => ({ status: 400, body: { badRequest: { code: 400, message } } }),
    });
    const cloud = new EvsDiskCloud(scripted.access, { retryPauseMs: 1 });
    ends.push(() => cloud.close(), scripted.close);
    const answer = await cloud.transfers.acceptDisk(transferId, new TransferKey(key), now);
    expect(answer).toMatchObject({ outcome: 'refused', fault: { message: 'Invalid auth key: [secret]' } });
  });

  it('does not know what became of an offer whose answer tells no key', async () => {
    const scripted = await startScriptedCloud({
      call: () => ({ status: 202, body: { transfer: { id: transferId } } }),
    });
    const cloud = new EvsDiskCloud(scripted.access, { retryPauseMs: 1 });
    ends.push(() => cloud.close(), scripted.close);
    const offered = await cloud.transfers.offerDisk(disk, 'handover-17', now);
    expect(offered).toMatchObject({ outcome: 'unknown', fault: { code: 'no-transfer-key' } });
  });
});

describe('a call of ECS', () => {
  const jobId = 'ecs:9a17c3e04f6b82d5019b3e7745ac0066';

  it('attaches a disk as ecs.attach shows, and detaches it as ecs.detach does', async () => {
    const attached = await against('ecs.attach');
    expect(await attached.cloud.attachDisk(ledger, server, '/dev/vdb', now)).toEqual(
      accepted({ jobId, cloudId: ledger }),
    );
    expect(attached.sent()).toEqual([asked('ecs.attach')]);
    const detached = await against('ecs.detach');
    expect(await detached.cloud.detachDisk(ledger, server, now)).toEqual(accepted({ jobId, cloudId: ledger }));
    expect(detached.sent()).toEqual([asked('ecs.detach')]);
  });
});

describe('a search for a disk by its tag', () => {
  it('is made and answered as evs.tags.filter shows', async () => {
    const { response } = example('evs.tags.filter');
    const isSearch = (path: string) => path.endsWith('/resource_instances/action');
    const tagged = JSON.parse(
      JSON.stringify(response.body).replaceAll('"cmd-id"', '"strata-marker"').replaceAll('"c-0001"', `"${markerTag}"`),
    ) as unknown;
    const scripted = await startScriptedCloud({
      call: ({ path }) => (isSearch(path) ? { status: 200, body: tagged } : { status: 503, body: {} }),
    });
    const cloud = new EvsDiskCloud(scripted.access, { retryPauseMs: 1 });
    ends.push(() => cloud.close(), scripted.close);
    const found = await cloud.findDisksByMarker(marker, new Date('2026-03-02T08:15:00Z'));
    expect(found.map(({ cloudId }) => cloudId)).toEqual([ledger]);
    const search = scripted.calls().find(({ path }) => isSearch(path));
    const body = { action: 'filter', limit: 1000, offset: 0, tags: [{ key: 'strata-marker', values: [markerTag] }] };
    expect({ ...search, body: JSON.parse(search?.body ?? '') as unknown }).toMatchObject({
      ...asked('evs.tags.filter'),
      body,
    });
  });
});
