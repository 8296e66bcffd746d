import { afterEach, describe, expect, it } from 'vitest';
import { startScriptedCloud } from '../contract/scripted-cloud.js';
import type { CloudDisk, DiskCloud, JobLook, WriteOptions } from '../disk-cloud.js';
import { EvsDiskCloud } from './evs-disk-cloud.js';
import { example } from './fixtures/examples.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const ledger = '5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412';
const marker = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f.2';

/** Answers every call with what the reference's example shows. */
const against = async (name: string) => {
  const { response } = example(name);
  const scripted = await startScriptedCloud({
    call: () => ({ status: response.status, headers: { 'x-request-id': 'req-7' }, body: response.body }),
  });
  const cloud = new EvsDiskCloud(scripted.access, { retryPauseMs: 1 });
  ends.push(() => cloud.close(), scripted.close);
  const sent = () =>
    scripted
      .calls()
      .map(({ method, path, body }) => ({ method, path, body: body === '' ? null : (JSON.parse(body) as unknown) }));
  return { cloud, sent };
};

const lines = (...names: readonly string[]) =>
  names.map((name) => ({ method: example(name).request.method, path: example(name).request.path }));

const changing = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `v${index}`, status: 'retyping', size: 10 }));

describe('a call of EVS', () => {
  it('creates one disk, marked twice, and is answered with a job', async () => {
    const { cloud, sent } = await against('evs.volume.create.empty');
    const wish = {
      name: 'ledger-01',
      description: 'ledger data',
      sizeGiB: 100,
      type: 'SSD',
      availabilityZone: 'eu-de-01',
    };
    const answer = await cloud.createDisk({ ...wish, marker, tags: { team: 'a' }, metadata: { owner: 'b' } }, now);
    expect(answer).toEqual({
      outcome: 'accepted',
      jobId: '9a17c3e04f6b82d5019b3e7745ac0011',
      cloudId: null,
      requestId: 'req-7',
    });
    expect(sent()).toEqual([
      {
        ...lines('evs.volume.create.empty')[0],
        body: {
          volume: {
            name: 'ledger-01',
            description: 'ledger data',
            size: 100,
            volume_type: 'SSD',
            availability_zone: 'eu-de-01',
            count: 1,
            metadata: { owner: 'b', 'strata.marker': marker },
            tags: { team: 'a', 'strata-marker': '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f_2' },
          },
        },
      },
    ]);
  });

  it('makes a disk of an image, and knows when its callers may not', async () => {
    const wish = {
      ...{ name: 'boot-01', description: '', sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01' },
      ...{ marker, tags: {}, metadata: {}, source: { imageId: '2e95c0f4-b7d8-4163-a0f9-8d4e6b1c7a35' } },
    };
    const { cloud, sent } = await against('evs.volume.create.from_image');
    expect(await cloud.createDisk(wish, now)).toMatchObject({ outcome: 'accepted' });
    expect(sent()).toMatchObject([
      {
        ...lines('evs.volume.create.from_image')[0],
        body: { volume: { imageRef: wish.source.imageId, size: 40, metadata: { 'strata.marker': marker } } },
      },
    ]);
    const scripted = await startScriptedCloud({
      call: () => ({ status: 403, body: { error: { code: 'EVS.2056', message: 'ims:images:get is denied' } } }),
    });
    const denied = new EvsDiskCloud(scripted.access, { retryPauseMs: 1 });
    ends.push(() => denied.close(), scripted.close);
    expect(await denied.createDisk(wish, now)).toMatchObject({ outcome: 'refused', reason: 'image-forbidden' });
    const { source: _none, ...blank } = wish;
    expect(await denied.createDisk(blank, now)).toMatchObject({ outcome: 'refused', reason: 'forbidden' });
  });

  it('asks for a shareable, encrypted SCSI disk by keys of the cloud', async () => {
    const { cloud, sent } = await against('evs.volume.create.empty');
    const wish = {
      name: 'n',
      description: '',
      sizeGiB: 10,
      type: 'SSD',
      availabilityZone: 'z',
      tags: {},
      metadata: {},
    };
    const encryption = { keyId: 'b3c7d915-0f8e-42a6-9d1b-5e60f7a4c832' };
    await cloud.createDisk({ ...wish, marker, shareable: true, encryption, deviceType: 'scsi' }, now);
    const metadata = { __system__encrypted: '1', __system__cmkid: encryption.keyId, 'hw:passthrough': 'true' };
    expect(sent()[0]?.body).toMatchObject({ volume: { multiattach: true, metadata } });
  });

  it('leaves a disk its ten tags, and marks it by metadata alone then', async () => {
    const { cloud, sent } = await against('evs.volume.create.empty');
    const tags = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`tag${index}`, 'x']));
    const wish = { name: 'n', description: '', sizeGiB: 10, type: 'SSD', availabilityZone: 'z', metadata: {} };
    await cloud.createDisk({ ...wish, marker, tags }, now);
    expect(sent()[0]?.body).toMatchObject({ volume: { tags, metadata: { 'strata.marker': marker } } });
  });

  it.each([
    [
      'evs.volume.extend.native',
      (cloud: DiskCloud) => cloud.extendDisk(ledger, 200, now),
      '9a17c3e04f6b82d5019b3e7745ac0033',
    ],
    [
      'evs.volume.retype',
      (cloud: DiskCloud) => cloud.retypeDisk(ledger, 'ESSD', now),
      '9a17c3e04f6b82d5019b3e7745ac0055',
    ],
    [
      'evs.volume.delete.native',
      (cloud: DiskCloud) => cloud.deleteDisk(ledger, now),
      '9a17c3e04f6b82d5019b3e7745ac0044',
    ],
  ])('is made as %s shows', async (name, call, jobId) => {
    const { cloud, sent } = await against(name);
    expect(await call(cloud)).toEqual({ outcome: 'accepted', jobId, cloudId: ledger, requestId: 'req-7' });
    expect(sent()).toEqual([{ ...lines(name)[0], body: example(name).request.body ?? null }]);
  });

  it.each([
    ['is put off while ten others are changing', ['no', 10], { outcome: 'not-now', why: 'unavailable' }],
    ['stands when only nine others are, and it comes again', ['no', 9, 'no', 9], { outcome: 'refused' }],
    ['is asked again when one of the ten ended before the look', ['no', 9, 'yes'], { outcome: 'accepted' }],
    ['is put off when somebody else took that room', ['no', 9, 'no', 10], { outcome: 'not-now' }],
    ['stands when the cloud refuses the look', ['no', 'forbidden', 'no', 'forbidden'], { outcome: 'refused' }],
    ['is put off while the cloud does not tell how many are', ['no', 'silence', 'silence'], { outcome: 'not-now' }],
  ])('a refusal of a change of type %s', async (_, answers, expected) => {
    const left = [...answers];
    const scripted = await startScriptedCloud({
      call: () => {
        const answer = left.shift();
        if (answer === 'forbidden') return { status: 403, body: { error: { code: 'EVS.5403', message: 'no' } } };
        if (answer === 'silence') return { status: 503 };
        if (typeof answer === 'number') return { status: 200, body: { volumes: changing(answer) } };
        return answer === 'yes'
          ? { status: 202, body: { job_id: '9a17c3e04f6b82d5019b3e7745ac0055' } }
          : { status: 400, body: { error: { code: 'EVS.5400', message: 'no' } } };
      },
    });
    const cloud = new EvsDiskCloud(scripted.access, { retryPauseMs: 1 });
    ends.push(() => cloud.close(), scripted.close);
    expect(await cloud.retypeDisk(ledger, 'ESSD', now)).toMatchObject(expected);
    expect(left).toEqual([]);
  });

  it('changes name, metadata and tags in the calls that the examples show, removals first', async () => {
    const { cloud, sent } = await against('evs.volume.update.cinder');
    const change = {
      name: 'ledger-primary',
      description: 'renamed',
      metadata: { owner: 'ledger', gone: null },
      tags: { env: 'prod', team: null },
    };
    expect(await cloud.changeDisk(ledger, change, now)).toMatchObject({ outcome: 'accepted', cloudId: ledger });
    const [update, merge, remove, create] = lines(
      'evs.volume.update.cinder',
      'evs.metadata.merge',
      'evs.tags.batch_delete',
      'evs.tags.batch_create',
    );
    expect(sent()).toEqual([
      { ...update, body: example('evs.volume.update.cinder').request.body },
      { method: 'DELETE', path: `${merge?.path}/gone`, body: null },
      { ...merge, body: example('evs.metadata.merge').request.body },
      { ...remove, body: example('evs.tags.batch_delete').request.body },
      { ...create, body: { action: 'create', tags: [{ key: 'env', value: 'prod' }] } },
    ]);
  });

  it('sets the flags of a disk before anything else', async () => {
    const { cloud, sent } = await against('evs.volume.update.cinder');
    await cloud.changeDisk(ledger, { name: 'n', bootable: true, readOnly: false }, now);
    const path = lines('evs.volume.update.cinder')[0]?.path;
    expect(sent()).toEqual([
      { method: 'POST', path: `${path}/action`, body: { 'os-set_bootable': { bootable: true } } },
      { method: 'POST', path: `${path}/action`, body: { 'os-update_readonly_flag': { readonly: false } } },
      { method: 'PUT', path, body: { volume: { name: 'n' } } },
    ]);
  });

  it('is not made for keys that begin as Strata’s do', async () => {
    const { cloud, sent } = await against('evs.volume.update.cinder');
    for (const labels of [
      { tags: { 'strata-marker': null } },
      { tags: { strata: 'x' } },
      { tags: { 'STRATA-x': null } },
      { metadata: { strata2: null } },
      { metadata: { 'Strata.Marker': null } },
      { metadata: { ReadOnly: null } },
    ])
      expect(await cloud.changeDisk(ledger, labels, now)).toMatchObject({ outcome: 'refused', reason: 'invalid' });
    expect(sent()).toEqual([]);
  });

  it('is not made at all when nothing is to be changed', async () => {
    const { cloud, sent } = await against('evs.volume.update.cinder');
    expect(await cloud.changeDisk(ledger, { tags: {} }, now)).toMatchObject({ outcome: 'accepted' });
    expect(sent()).toEqual([]);
  });

  it.each<[string, JobLook]>([
    ['evs.job.init', { state: 'waiting', cloudId: null }],
    ['evs.job.running', { state: 'running', cloudId: ledger }],
    ['evs.job.success', { state: 'succeeded', cloudId: ledger, tookMs: 18_115 }],
    ['evs.job.extend.success', { state: 'succeeded', cloudId: ledger, tookMs: 18_115 }],
    ['evs.job.delete.success', { state: 'succeeded', cloudId: ledger, tookMs: 18_115 }],
    ['evs.job.unknown', { state: 'unheard-of' }],
    [
      'evs.job.batch.partial_failure',
      {
        state: 'failed',
        cloudId: null,
        fault: { code: 'EVS.2024', message: 'synthetic: one sub-job failed', requestId: 'req-7' },
      },
    ],
  ])('understands %s', async (name, look) => {
    const { cloud, sent } = await against(name);
    expect(await cloud.lookAtJob(example(name).request.path.split('/').at(-1) ?? '')).toEqual(look);
    expect(sent()).toEqual([{ ...lines(name)[0], body: null }]);
  });

  it('is no news of a job when it speaks of another project', async () => {
    const { cloud } = await against('evs.error.project_mismatch');
    await expect(cloud.lookAtJob('j')).rejects.toMatchObject({ fault: { code: 'Common.0018' } });
  });

  it('has no job of a service whose address the binding does not name any more', async () => {
    const { cloud, sent } = await against('evs.volume.get');
    expect(await cloud.lookAtJob('ecs:9a17c3e04f6b82d5019b3e7745ac0066')).toEqual({ state: 'unheard-of' });
    expect(sent()).toEqual([]);
  });

  it('finds a disk, and none where the example has none', async () => {
    const found = await against('evs.volume.get');
    expect(await found.cloud.findDisk(ledger)).toMatchObject({ cloudId: ledger, status: 'in-use' });
    expect(found.sent()).toEqual([{ ...lines('evs.volume.get')[0], body: null }]);
    const absent = await against('evs.error.cinder.not_found');
    expect(await absent.cloud.findDisk(ledger)).toBeNull();
  });

  it('takes of a next link only where it goes on, and ends where it turns in a circle', async () => {
    const { cloud, sent } = await against('evs.volume.list.detail');
    const seen: CloudDisk[] = [];
    const walk = async () => {
      for await (const page of cloud.listDisks()) seen.push(...page);
    };
    await expect(walk()).rejects.toMatchObject({ fault: { code: 'endless-list' } });
    expect(seen.map(({ cloudId }) => cloudId)).toEqual(Array(2).fill('e7f4b6d8-2c10-4d95-b3aa-90c51e7d6f03'));
    const queries = sent().map(({ path }) => Object.fromEntries(new URLSearchParams(path.split('?')[1])));
    const first = { sort_key: 'created_at', sort_dir: 'desc', limit: '1000' };
    expect(queries).toEqual([first, { ...first, marker: 'e7f4b6d8-2c10-4d95-b3aa-90c51e7d6f03' }]);
  });

  it('asks for many disks sixty at a time, in the form of the manual', async () => {
    const { cloud, sent } = await against('evs.volume.list.detail');
    const known = 'e7f4b6d8-2c10-4d95-b3aa-90c51e7d6f03';
    const ids = [known, ...Array.from({ length: 59 }, (_, index) => `id-${index}`)];
    expect((await cloud.findDisks(ids)).map(({ cloudId }) => cloudId)).toEqual([known]);
    const query = new URLSearchParams(sent()[0]?.path.split('?')[1]);
    expect(query.get('ids')).toBe(`[${ids.map((id) => `'${id}'`).join(',')}]`);
    expect(sent()).toHaveLength(1);
  });

  it('asks for each disk when the filter by ids was ignored', async () => {
    const scripted = await startScriptedCloud({
      call: ({ path }) =>
        path.includes('/detail')
          ? { status: 200, body: example('evs.volume.list.detail').response.body }
          : { status: 200, body: example('evs.volume.get').response.body },
    });
    const cloud = new EvsDiskCloud(scripted.access);
    ends.push(() => cloud.close(), scripted.close);
    expect((await cloud.findDisks([ledger])).map(({ cloudId }) => cloudId)).toEqual([ledger]);
  });

  it('tells the quota of the example in our dimensions', async () => {
    const { cloud, sent } = await against('evs.quota.get');
    const { dimensions } = await cloud.quota();
    expect(sent()).toEqual([{ ...lines('evs.quota.get')[0], body: null }]);
    expect(dimensions).toEqual([
      { dimension: 'disks', limit: 60, used: 15 },
      { dimension: 'snapshots', limit: 40, used: 9 },
      { dimension: 'gigabytes', limit: 20480, used: 3220 },
      { dimension: 'per_disk_gigabytes', limit: 'unlimited', used: 0 },
      { dimension: 'disks:SSD', limit: 'unlimited', used: 11 },
      { dimension: 'gigabytes:SSD', limit: 'unlimited', used: 2600 },
      { dimension: 'disks:SAS', limit: 'unlimited', used: 4 },
      { dimension: 'gigabytes:SAS', limit: 'unlimited', used: 620 },
      { dimension: 'disks:ESSD', limit: 'unlimited', used: 0 },
      { dimension: 'gigabytes:ESSD', limit: 'unlimited', used: 0 },
    ]);
  });

  it('tells the types and zones of the examples', async () => {
    const types = await against('evs.types.list');
    expect(await types.cloud.diskTypes()).toEqual([
      { name: 'SSD', availabilityZones: ['eu-de-01', 'eu-de-02', 'eu-de-03'], soldOutZones: [] },
      { name: 'SAS', availabilityZones: ['eu-de-01', 'eu-de-02'], soldOutZones: [] },
    ]);
    const zones = await against('evs.az.list');
    expect((await zones.cloud.availabilityZones()).map(({ available }) => available)).toEqual([true, true, false]);
  });

  it('takes types of one name together, sold out only where none is left', async () => {
    const type = (zones: string | undefined, soldOut = '') => ({
      name: 'SSD',
      extra_specs: { 'RESKEY:availability_zones': zones, 'os-vendor-extended:sold_out_availability_zones': soldOut },
    });
    const body = { volume_types: [type('a,b', 'a,b'), type("['b', 'c']", '[c]'), { name: 'bare', extra_specs: null }] };
    const scripted = await startScriptedCloud({ call: () => ({ status: 200, body }) });
    const cloud = new EvsDiskCloud(scripted.access);
    ends.push(() => cloud.close(), scripted.close);
    expect(await cloud.diskTypes()).toEqual([
      { name: 'SSD', availabilityZones: ['a', 'b', 'c'], soldOutZones: ['a', 'c'] },
      { name: 'bare', availabilityZones: null, soldOutZones: [] },
    ]);
  });
});
