import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReceivedRequest, ScriptedAnswer } from '../contract/scripted-server.js';
import { startScriptedOpenstack } from '../contract/scripted-openstack.js';
import type { WriteOptions } from '../disk-cloud.js';
import { TransferKey } from '../transfer-cloud.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const ours = '3f8a1c27d94e4b60a5127c9e0b6d1f42';
const root = `/v3/${ours}/os-volume-transfer`;
const reads = `/v3/${ours}/volume-transfers`;
const name = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f.2';
const text = '3b1d5f8c9a7e2046';
const key = new TransferKey(text);

const against = async (call: (request: ReceivedRequest, nth: number) => ScriptedAnswer) => {
  const { cloud, scripted, asked, close } = await startScriptedOpenstack({ call });
  ends.push(close);
  if (cloud.transfers === null) throw new Error('OpenStack has transfers');
  const versions = () => scripted.calls().map(({ headers }) => headers['openstack-api-version']);
  return { transfers: cloud.transfers, asked, versions };
};
const always = (answer: ScriptedAnswer) => against(() => answer);

const transfer = (id: string, rest: object = {}) => ({
  ...{ id, volume_id: 'v1', name, created_at: '2026-11-22T16:12:38.843519' },
  ...{ source_project_id: ours, destination_project_id: null, accepted: false, no_snapshots: false },
  links: [{ rel: 'self', href: `http://inside.invalid${root}/${id}` }],
  ...rest,
});
const shown = { transferId: 't1', cloudDiskId: 'v1', name, createdAt: '2026-11-22T16:12:38.843Z' };

const fault = (status: number, kind: string, message: string, headers: Record<string, string> = {}) => ({
  ...{ status, headers },
  body: { [kind]: { code: status, message } },
});
const tooNew = fault(
  406,
  'computeFault',
  'Version 3.59 is not supported by the API. Minimum is 3.0 and maximum is 3.50.',
);
const noTransfer = fault(404, 'itemNotFound', 'Transfer t1 could not be found.');

describe('an offer of Cinder', () => {
  it('names the volume and ours to find it by, and is answered with its key', async () => {
    const headers = { 'x-openstack-request-id': 'req-7' };
    const body = { transfer: transfer('t1', { auth_key: text }) };
    const { transfers, asked, versions } = await always({ status: 202, headers, body });
    const offered = await transfers.offerDisk('v1', name, now);
    expect(offered).toMatchObject({ outcome: 'offered', transferId: 't1', requestId: 'req-7' });
    expect(offered.outcome === 'offered' && offered.key.reveal()).toBe(text);
    expect(asked()).toEqual([{ method: 'POST', path: root, body: { transfer: { volume_id: 'v1', name } } }]);
    expect(versions()).toEqual([undefined]);
  });

  it('shows its key in nothing that is written', async () => {
    const { transfers } = await always({ status: 202, body: { transfer: transfer('t1', { auth_key: text }) } });
    const offered = await transfers.offerDisk('v1', name, now);
    expect(offered.outcome).toBe('offered');
    for (const written of [JSON.stringify(offered), inspect(offered, { depth: 9, showHidden: true })])
      expect(written).not.toContain(text);
  });

  it.each([
    ['without a key', { transfer: transfer('t1') }],
    ['with an empty one', { transfer: transfer('t1', { auth_key: '' }) }],
    ['without an id', { transfer: { auth_key: text } }],
    ['without anything', {}],
  ])('that is answered %s is unknown, as nobody can accept it', async (_, body) => {
    const { transfers } = await always({ status: 202, body });
    const offered = await transfers.offerDisk('v1', name, now);
    expect(offered).toMatchObject({ outcome: 'unknown', fault: { code: 'no-transfer-key' } });
    expect(JSON.stringify(offered)).not.toContain(text);
  });

  it.each([
    ['a volume that is offered already', fault(400, 'badRequest', 'Invalid volume: status must be available')],
    [
      'a snapshot that is not at rest',
      fault(400, 'badRequest', 'Invalid snapshot: snapshot: s1 status must be available'),
    ],
  ])('is refused for %s', async (_, answer) => {
    const { transfers } = await always(answer);
    const refused = { outcome: 'refused', reason: 'state-conflict' };
    expect(await transfers.offerDisk('v1', name, now)).toMatchObject(refused);
  });

  it('is refused for a volume that is not there', async () => {
    const { transfers } = await always(fault(404, 'itemNotFound', 'Volume v1 could not be found.'));
    const gone = { outcome: 'refused', reason: 'not-found' };
    expect(await transfers.offerDisk('v1', name, now)).toMatchObject(gone);
  });

  it('is taken back, once', async () => {
    const { transfers, asked } = await against((_, nth) => (nth === 1 ? { status: 202 } : noTransfer));
    expect(await transfers.takeBack('t1', now)).toMatchObject({ outcome: 'accepted', jobId: null, cloudId: null });
    expect(await transfers.takeBack('t/1', now)).toMatchObject({ outcome: 'refused', reason: 'not-found' });
    expect(asked()).toEqual([
      { method: 'DELETE', path: `${root}/t1`, body: null },
      { method: 'DELETE', path: `${root}/t%2F1`, body: null },
    ]);
  });
});

describe('an acceptance by Cinder', () => {
  it('gives the key, and is answered with the volume', async () => {
    const headers = { 'x-openstack-request-id': 'req-8' };
    const body = { transfer: { id: 't1', volume_id: 'v1', name, links: [] } };
    const { transfers, asked } = await always({ status: 202, headers, body });
    expect(await transfers.acceptDisk('t1', key, now)).toEqual({
      ...{ outcome: 'accepted', jobId: null, cloudId: 'v1', requestId: 'req-8' },
    });
    expect(asked()).toEqual([{ method: 'POST', path: `${root}/t1/accept`, body: { accept: { auth_key: text } } }]);
  });

  it('is one also where the answer names no volume', async () => {
    const { transfers } = await always({ status: 202, body: {} });
    expect(await transfers.acceptDisk('t1', key, now)).toMatchObject({ outcome: 'accepted', cloudId: null });
  });

  it.each([
    ['not-found', noTransfer],
    ['invalid', fault(400, 'badRequest', 'Invalid auth key: Attempt to transfer t1 with invalid auth key.')],
    [
      'state-conflict',
      fault(400, 'badRequest', 'Invalid volume: Transfer t1: Volume id v1 expected in awaiting-transfer state.'),
    ],
    ['forbidden', fault(403, 'forbidden', "Policy doesn't allow volume:accept_transfer to be performed.")],
    [
      'cloud-quota-exceeded',
      fault(
        413,
        'overLimit',
        "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
        { 'retry-after': '0' },
      ),
    ],
    [
      'cloud-quota-exceeded',
      fault(413, 'overLimit', 'Requested volume or snapshot exceeds allowed gigabytes quota.', { 'retry-after': '0' }),
    ],
  ])('is refused: %s', async (reason, answer) => {
    const { transfers } = await always(answer);
    const { message } = Object.values(answer.body)[0] as { message: string };
    const refused = await transfers.acceptDisk('t1', key, now);
    expect(refused).toMatchObject({ outcome: 'refused', reason, fault: { message } });
  });

  it('tells no key that Cinder repeats in its fault', async () => {
    const message = `Invalid input for field/attribute accept. Value: {'auth_key': '${text}', 'x': 1}.`;
    const { transfers } = await always(fault(400, 'badRequest', message));
    const refused = await transfers.acceptDisk('t1', key, now);
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'invalid' });
    expect(JSON.stringify(refused)).not.toContain(text);
  });
});

describe('a write of a transfer whose answer does not come', () => {
  const lost: readonly (readonly [string, ScriptedAnswer])[] = [
    ['when the connection breaks', 'cut'],
    ['when there is none in time', 'silence'],
    ['when the service fails', fault(500, 'computeFault', 'The server has either erred')],
  ];

  it.each(lost)('is unknown %s, and sent once', async (_, answer) => {
    const { transfers, asked } = await against((__, nth) => (nth % 2 === 1 ? { status: 429 } : answer));
    const soon = { ...now, timeoutMs: 200 };
    const writes = [
      (within: WriteOptions) => transfers.offerDisk('v1', name, within),
      (within: WriteOptions) => transfers.acceptDisk('t1', key, within),
      (within: WriteOptions) => transfers.takeBack('t1', within),
    ];
    for (const write of writes) {
      // Logged in and connected after this: the next one leaves at once, however short its time is.
      expect(await write(now)).toMatchObject({ outcome: 'not-now' });
      expect(await write(soon)).toMatchObject({ outcome: 'unknown' });
    }
    await expect.poll(() => asked().length).toBe(6);
  });

  it('is sent later when the cloud throttles', async () => {
    const { transfers } = await always({ status: 429, headers: { 'retry-after': '3' } });
    const notNow = { outcome: 'not-now', why: 'throttled', retryAfterMs: 3_000 };
    expect(await transfers.offerDisk('v1', name, now)).toMatchObject(notNow);
    expect(await transfers.acceptDisk('t1', key, now)).toMatchObject(notNow);
    expect(await transfers.takeBack('t1', now)).toMatchObject(notNow);
  });
});

describe('a look at a transfer of Cinder', () => {
  it('asks for the version that tells whose it is', async () => {
    const { transfers, asked, versions } = await always({ status: 200, body: { transfer: transfer('t1') } });
    expect(await transfers.findTransfer('t1')).toEqual(shown);
    expect(asked()).toEqual([{ method: 'GET', path: `${reads}/t1`, body: null }]);
    expect(versions()).toEqual(['volume 3.59']);
  });

  it('takes none of another project for its own, though an admin of the cloud is shown it', async () => {
    const foreign = transfer('t1', { source_project_id: 'another' });
    const { transfers } = await always({ status: 200, body: { transfer: foreign, transfers: [foreign] } });
    expect(await transfers.findTransfer('t1')).toBeNull();
    expect(await transfers.findTransfersOfDisk('v1')).toEqual([]);
  });

  it('takes for its own what was offered before Cinder kept by whom', async () => {
    const before = transfer('t1', { source_project_id: null });
    const { transfers } = await always({ status: 200, body: { transfer: before, transfers: [before] } });
    expect(await transfers.findTransfer('t1')).toEqual(shown);
    expect(await transfers.findTransfersOfDisk('v1')).toEqual([shown]);
  });

  it('finds none only when the service says so', async () => {
    const { transfers } = await always(noTransfer);
    expect(await transfers.findTransfer('t1')).toBeNull();
    const { transfers: behindProxy } = await always({ status: 404, body: 'nothing here' });
    await expect(behindProxy.findTransfer('t1')).rejects.toMatchObject({ why: 'unavailable' });
    const { transfers: forbidden } = await always(fault(403, 'forbidden', 'no'));
    await expect(forbidden.findTransfer('t1')).rejects.toMatchObject({ why: 'unauthenticated' });
  });

  it('concludes nothing from an answer that it cannot read', async () => {
    const { transfers } = await always({ status: 200, body: { transfer: { id: 't1' } } });
    await expect(transfers.findTransfer('t1')).rejects.toMatchObject({ fault: { code: 'unreadable-answer' } });
    await expect(transfers.findTransfersOfDisk('v1')).rejects.toMatchObject({ fault: { code: 'unreadable-answer' } });
  });

  it('reads the list by markers, in the version that knows them, to its end', async () => {
    const links = [{ rel: 'next', href: `http://inside.invalid${root}/detail?marker=t2` }];
    const pages = [
      { transfers: [transfer('t3', { volume_id: 'v2' }), transfer('t2')], transfers_links: links },
      { transfers: [transfer('t1')] },
    ];
    const { transfers, asked, versions } = await against((_, nth) => ({ status: 200, body: pages[nth - 1] }));
    expect((await transfers.findTransfersOfDisk('v1')).map(({ transferId }) => transferId)).toEqual(['t2', 't1']);
    expect(asked().map(({ path }) => path)).toEqual([
      `${reads}/detail?sort=created_at%3Adesc&limit=1000`,
      `${reads}/detail?sort=created_at%3Adesc&limit=1000&marker=t2`,
    ]);
    expect(versions()).toEqual(['volume 3.59', 'volume 3.59']);
  });

  it('asks a release without that version as it did before', async () => {
    const old = ({
      source_project_id: _s,
      destination_project_id: _d,
      accepted: _a,
      ...rest
    }: ReturnType<typeof transfer>) => rest;
    const pages = [[old(transfer('t2', { volume_id: 'v2' })), old(transfer('t1'))], []];
    const { transfers, asked, versions } = await against(({ headers, path }) => {
      if (headers['openstack-api-version'] !== undefined) return tooNew;
      if (!path.includes('/detail')) return { status: 200, body: { transfer: old(transfer('t1')) } };
      return { status: 200, body: { transfers: pages[path.includes('offset=0') ? 0 : 1] } };
    });
    expect(await transfers.findTransfersOfDisk('v1')).toEqual([shown]);
    expect(await transfers.findTransfer('t1')).toEqual(shown);
    expect(asked().map(({ path }) => path)).toEqual([
      `${reads}/detail?sort=created_at%3Adesc&limit=1000`,
      `${root}/detail?limit=1000&offset=0`,
      `${root}/detail?limit=1000&offset=2`,
      `${reads}/t1`,
      `${root}/t1`,
    ]);
    expect(versions()).toEqual(['volume 3.59', undefined, undefined, 'volume 3.59', undefined]);
  });
});
