import { afterEach, describe, expect, it } from 'vitest';
import type { ReceivedRequest, ScriptedAnswer } from '../contract/scripted-server.js';
import { startScriptedOpenstack } from '../contract/scripted-openstack.js';
import type { NewCloudDisk, WriteOptions } from '../disk-cloud.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const project = '/v3/3f8a1c27d94e4b60a5127c9e0b6d1f42';
const marker = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f.2';
const tooNew = {
  status: 406,
  body: { computeFault: { code: 406, message: 'Version 3.42 is not supported by the API.' } },
};

const against = async (call: (request: ReceivedRequest, nth: number) => ScriptedAnswer) => {
  const started = await startScriptedOpenstack({ call });
  ends.push(started.close);
  return started;
};
const always = (answer: ScriptedAnswer) => against(() => answer);

const volume = (id: string, rest: object = {}) => ({ id, status: 'available', size: 10, ...rest });
const notFound = { status: 404, body: { itemNotFound: { code: 404, message: 'Volume v could not be found.' } } };
const wish: NewCloudDisk = {
  marker,
  name: 'ledger-01',
  description: 'ledger data',
  sizeGiB: 100,
  type: 'SSD',
  availabilityZone: 'az-1',
  tags: { team: 'a' },
  metadata: { owner: 'b' },
};

describe('a call of Cinder', () => {
  it('creates a volume with marker and tags in its metadata, and is answered with its id', async () => {
    const { cloud, asked } = await always({
      status: 202,
      headers: { 'x-openstack-request-id': 'req-7' },
      body: { volume: volume('v1') },
    });
    const answer = await cloud.createDisk(wish, now);
    expect(answer).toEqual({ outcome: 'accepted', jobId: null, cloudId: 'v1', requestId: 'req-7' });
    expect(asked()).toEqual([
      {
        method: 'POST',
        path: `${project}/volumes`,
        body: {
          volume: {
            name: 'ledger-01',
            description: 'ledger data',
            size: 100,
            volume_type: 'SSD',
            availability_zone: 'az-1',
            metadata: { owner: 'b', 'strata.tag.team': 'a', 'strata.marker': marker },
          },
        },
      },
    ]);
  });

  it('creates a volume from a snapshot', async () => {
    const { cloud, asked } = await always({ status: 202, body: { volume: volume('v1') } });
    await cloud.createDisk({ ...wish, source: { snapshotCloudId: 's1' } }, now);
    expect(asked()).toMatchObject([{ body: { volume: { snapshot_id: 's1' } } }]);
  });

  it('creates a volume of an image', async () => {
    const { cloud, asked } = await always({ status: 202, body: { volume: volume('v1') } });
    await cloud.createDisk({ ...wish, source: { imageId: 'i1' } }, now);
    expect(asked()).toMatchObject([{ body: { volume: { imageRef: 'i1' } } }]);
  });

  it('shows no volume of another project, though an admin of the cloud is shown it', async () => {
    for (const [owner, isSeen] of [
      ['another', false],
      ['3f8a1c27d94e4b60a5127c9e0b6d1f42', true],
    ] as const) {
      const body = { volume: volume('v1', { 'os-vol-tenant-attr:tenant_id': owner }) };
      const { cloud } = await always({ status: 200, body });
      expect((await cloud.findDisk('v1')) !== null).toBe(isSeen);
    }
  });

  it('that made a volume without naming it is unknown', async () => {
    const { cloud } = await always({ status: 202, body: {} });
    expect(await cloud.createDisk(wish, now)).toMatchObject({ outcome: 'unknown', fault: { code: 'no-volume' } });
  });

  it('is not made with a key that is not the user’s', async () => {
    const { cloud, asked } = await always({ status: 202 });
    const refused = { outcome: 'refused', reason: 'invalid', fault: { code: 'reserved-key' } };
    for (const key of ['strata.tag.team', 'Strata.Marker', 'readonly', 'ReadOnly ']) {
      const metadata = { [key]: 'x' };
      expect(await cloud.createDisk({ ...wish, metadata }, now)).toMatchObject(refused);
      expect(await cloud.changeDisk('v', { name: 'n', metadata }, now)).toMatchObject(refused);
    }
    expect(asked()).toEqual([]);
  });

  it('extends also what is in use, where the release can', async () => {
    const { cloud, scripted, asked } = await always({ status: 202 });
    expect(await cloud.extendDisk('v1', 20, now)).toMatchObject({ outcome: 'accepted', jobId: null, cloudId: 'v1' });
    expect(asked()).toEqual([
      { method: 'POST', path: `${project}/volumes/v1/action`, body: { 'os-extend': { new_size: 20 } } },
    ]);
    expect(scripted.calls()[0]?.headers['openstack-api-version']).toBe('volume 3.42');
  });

  it('extends on a release that does not know the version', async () => {
    const { cloud, scripted } = await against((_, nth) => (nth === 1 ? tooNew : { status: 202 }));
    expect(await cloud.extendDisk('v1', 20, now)).toMatchObject({ outcome: 'accepted' });
    expect(scripted.calls().map(({ headers }) => headers['openstack-api-version'])).toEqual(['volume 3.42', undefined]);
  });

  it.each([
    [20, 'state-conflict'],
    [19, 'invalid'],
  ])('tells the refusal of a volume of %d GiB that is to have 20: %s', async (size, reason) => {
    const message = 'Invalid input received: New size for extend must be greater than current size.';
    const { cloud } = await against(({ method }) =>
      method === 'POST'
        ? { status: 400, body: { badRequest: { code: 400, message } } }
        : { status: 200, body: { volume: volume('v1', { size }) } },
    );
    expect(await cloud.extendDisk('v1', 20, now)).toMatchObject({ outcome: 'refused', reason, fault: { message } });
  });

  it('refuses an extension also when the look that would say more comes to nothing', async () => {
    const { cloud } = await against(({ method }) =>
      method === 'POST' ? { status: 400, body: { badRequest: { code: 400, message: 'no' } } } : { status: 503 },
    );
    expect(await cloud.extendDisk('v1', 20, now)).toMatchObject({ outcome: 'refused', reason: 'invalid' });
  });

  it('changes a volume in parts: what goes before what comes', async () => {
    const { cloud, asked } = await against(({ method }) =>
      method === 'DELETE' ? notFound : { status: 200, body: {} },
    );
    const change = { name: 'n', tags: { team: 'b', 'a/b': null }, metadata: { owner: null, stage: 'x' } };
    expect(await cloud.changeDisk('v1', change, now)).toMatchObject({ outcome: 'accepted', cloudId: 'v1' });
    expect(asked()).toEqual([
      { method: 'PUT', path: `${project}/volumes/v1`, body: { volume: { name: 'n' } } },
      { method: 'DELETE', path: `${project}/volumes/v1/metadata/owner`, body: null },
      { method: 'DELETE', path: `${project}/volumes/v1/metadata/strata.tag.a%2Fb`, body: null },
      {
        method: 'POST',
        path: `${project}/volumes/v1/metadata`,
        body: { metadata: { stage: 'x', 'strata.tag.team': 'b' } },
      },
    ]);
  });

  it('sets the flags of a volume before anything else', async () => {
    const { cloud, asked } = await always({ status: 200, body: {} });
    await cloud.changeDisk('v1', { name: 'n', bootable: false, readOnly: true }, now);
    expect(asked()).toEqual([
      { method: 'POST', path: `${project}/volumes/v1/action`, body: { 'os-set_bootable': { bootable: false } } },
      { method: 'POST', path: `${project}/volumes/v1/action`, body: { 'os-update_readonly_flag': { readonly: true } } },
      { method: 'PUT', path: `${project}/volumes/v1`, body: { volume: { name: 'n' } } },
    ]);
  });

  it('that changed a part is unknown, and not for later', async () => {
    const { cloud } = await against(({ method }) => (method === 'PUT' ? { status: 200, body: {} } : { status: 429 }));
    const sent = await cloud.changeDisk('v1', { name: 'n', tags: { a: '1' } }, now);
    expect(sent).toMatchObject({ outcome: 'unknown', fault: { code: 'HTTP 429' } });
  });

  it('changes the type, moving the volume where the type asks for it, and is followed by its status', async () => {
    const { cloud, asked } = await always({ status: 202, headers: { 'x-openstack-request-id': 'req-7' } });
    const sent = await cloud.retypeDisk('v1', 'fast', now);
    expect(sent).toEqual({ outcome: 'accepted', jobId: null, cloudId: 'v1', requestId: 'req-7' });
    const body = { 'os-retype': { new_type: 'fast', migration_policy: 'on-demand' } };
    expect(asked()).toEqual([{ method: 'POST', path: `${project}/volumes/v1/action`, body }]);
  });

  it.each([
    ['Invalid volume: Retype needs volume to be in available or in-use state, and another type.', 'state-conflict'],
    ['Invalid input received: Invalid volume_type passed: fast.', 'type-unavailable'],
  ])('does not change the type when Cinder says: %s', async (message, reason) => {
    const { cloud } = await always({ status: 400, body: { badRequest: { code: 400, message } } });
    expect(await cloud.retypeDisk('v1', 'fast', now)).toMatchObject({ outcome: 'refused', reason });
  });

  it('deletes without the snapshots', async () => {
    const { cloud, asked } = await always({ status: 202 });
    expect(await cloud.deleteDisk('v1', now)).toMatchObject({ outcome: 'accepted', jobId: null, cloudId: 'v1' });
    expect(asked()).toEqual([{ method: 'DELETE', path: `${project}/volumes/v1`, body: null }]);
  });

  it('is not made for a job, or for a server', async () => {
    const { cloud, asked } = await always({ status: 200 });
    expect(await cloud.lookAtJob('j')).toEqual({ state: 'unheard-of' });
    expect(await cloud.attachDisk('v', 's', null, now)).toMatchObject({
      outcome: 'refused',
      fault: { code: 'no-compute' },
    });
    expect(await cloud.detachDisk('v', 's', now)).toMatchObject({ outcome: 'refused', fault: { code: 'no-compute' } });
    expect(asked()).toEqual([]);
  });

  it('tells the quota in our dimensions', async () => {
    const figure = (limit: number, in_use = 0, reserved = 0) => ({ limit, in_use, reserved });
    const { cloud, asked } = await always({
      status: 200,
      body: {
        quota_set: {
          id: 'p',
          volumes: figure(10, 3, 1),
          gigabytes: figure(-1, 40),
          per_volume_gigabytes: figure(500),
          gigabytes_SSD: figure(100, 20),
          snapshots_SSD: figure(-1),
          'gigabytes_very fast': figure(100),
          groups: figure(10),
        },
      },
    });
    expect(await cloud.quota()).toEqual({
      dimensions: [
        { dimension: 'disks', limit: 10, used: 4 },
        { dimension: 'gigabytes', limit: 'unlimited', used: 40 },
        { dimension: 'per_disk_gigabytes', limit: 500, used: 0 },
        { dimension: 'gigabytes:SSD', limit: 100, used: 20 },
      ],
    });
    expect(asked()[0]?.path).toBe(`${project}/os-quota-sets/3f8a1c27d94e4b60a5127c9e0b6d1f42?usage=True`);
  });

  it('tells the zones of a type where the cloud shows them', async () => {
    const { cloud } = await always({
      status: 200,
      body: {
        volume_types: [
          { name: 'SSD', extra_specs: { 'RESKEY:availability_zones': 'az-1, az-2' } },
          { name: 'SAS', extra_specs: {} },
        ],
      },
    });
    expect(await cloud.diskTypes()).toEqual([
      { name: 'SSD', availabilityZones: ['az-1', 'az-2'], soldOutZones: [] },
      { name: 'SAS', availabilityZones: null, soldOutZones: [] },
    ]);
  });
});
