import { BindingId } from '@strata/kernel';
import { WORKER_ACTOR } from '@strata/operations';
import { recordCloudQuota } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf, targetOf, wanted } from '../contract/disk-project.js';
import { type DiskServer } from '../contract/disk-server.js';
import { forEachDiskProject } from '../contract/for-each-disk-project.js';

let server: DiskServer;
let my: DiskProject;

forEachDiskProject((project, started) => {
  my = project;
  server = started;
});

const newBinding = async (): Promise<BindingId> => {
  const endpoints = { iam: 'http://127.0.0.1:7071/iam', evs: 'http://127.0.0.1:7071/evs' };
  const access = { kind: 'evs', region: 'eu-de', endpoints, cloudProjectId: newId(), credentials: { ref: 'other' } };
  return BindingId.parse(idOf(await my.call('POST', '/v1/bindings', { name: newId(), ...access }, {}, my.admin)));
};

const ofSnapshot = { source: { snapshotId: newId() } };
const ofImage = { source: { imageId: newId() } };

const head = async () => (await server.server.store.head()).position;

describe('requesting a disk', () => {
  it('is answered with the operation, its address and the position of the commit', async () => {
    const reply = await my.request({ description: 'for the shop', tags: { team: 'a' }, metadata: { owner: 'b' } });
    expect(reply.status).toBe(202);
    const diskId = targetOf(reply);
    expect(reply.body).toEqual({
      id: expect.any(String),
      projectId: my.projectId,
      kind: 'disk.create',
      target: { type: 'disk', id: diskId },
      status: 'queued',
      waitingFor: 'turn',
      progress: { percent: 0, phase: 'queued', eta: null },
      cancelability: 'now',
      attempts: 0,
      steps: [],
      error: null,
      result: { diskId },
      retryOf: null,
      retriedBy: null,
      actor: { id: expect.any(String) },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      startedAt: null,
      endedAt: null,
      position: expect.any(Number),
    });
    expect(reply.headers.get('location')).toBe(`/v1/operations/${idOf(reply)}`);
    expect(reply.headers.get('strata-position')).toMatch(/^[^.]+\.\d+$/);
    const shown = await my.call('GET', `/v1/operations/${idOf(reply)}`);
    expect(shown.body).toEqual(reply.body);
    expect(shown.headers.get('etag')).toBe('"1"');
  });

  it('makes a disk that is being created', async () => {
    const reply = await my.request({ description: 'for the shop', tags: { team: 'a' }, metadata: { owner: 'b' } });
    const shown = await my.call('GET', my.pathOf(reply));
    expect(shown.body).toEqual({
      id: targetOf(reply),
      projectId: my.projectId,
      ...wanted,
      description: 'for the shop',
      status: 'creating',
      statusReason: null,
      allowedActions: [],
      bootable: false,
      readOnly: false,
      shareable: false,
      encrypted: false,
      attachments: [],
      tags: { team: 'a' },
      metadata: { owner: 'b' },
      source: null,
      deletionLock: null,
      deletesAt: null,
      cloud: null,
      createdAt: reply.body['createdAt'],
      updatedAt: reply.body['createdAt'],
      version: 1,
    });
    expect(shown.headers.get('etag')).toBe('"1"');
  });

  it('makes many disks at once, followed by one operation whose parts are left out of lists', async () => {
    const reply = await my.request({ count: 3 });
    expect(reply.status).toBe(202);
    const { ids } = reply.body['target'] as { ids: string[] };
    expect(ids).toHaveLength(3);
    expect(reply.body).toMatchObject({ kind: 'disk.create', target: { type: 'disks' }, result: null });
    const disks = await my.listed(`${my.path}/disks?sort=name`);
    expect(disks.map(({ id, name }) => ({ id, name }))).toEqual(
      ids.map((id, index) => ({ id, name: `db-000${index + 1}` })),
    );
    expect((await my.listed(`${my.path}/operations`)).map(({ id }) => id)).toEqual([idOf(reply)]);
    const parts = await my.listed(`${my.path}/operations?partOf=${idOf(reply)}&sort=createdAt`);
    expect(parts.map(({ target }) => target)).toEqual(expect.arrayContaining(ids.map((id) => ({ type: 'disk', id }))));
    for (const part of parts) await server.provision(String(part['id']), `cloud-${String(part['id'])}`);
    expect((await my.show(`/v1/operations/${idOf(reply)}`))['progress']).toEqual({
      percent: 99,
      phase: 'parts',
      eta: null,
    });
  });

  it('charges all of them or none', async () => {
    await my.setLimits([{ dimension: 'disks', limit: 2 }]);
    const refused = await my.request({ count: 3 });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      type: '/problems/quota-exceeded',
      dimension: 'disks',
      requested: 3,
      missing: 1,
      level: { projectId: my.projectId, limit: 2, used: 0, held: 0, releasing: 0 },
    });
    expect(await my.listed(`${my.path}/disks`)).toEqual([]);
    expect(await my.listed(`${my.path}/operations`)).toEqual([]);
    expect((await my.request({ count: 2 })).status).toBe(202);
    expect(codeOf(await my.request())).toBe('quota-exceeded');
  });

  it.each<[string, object, string]>([
    ['without a name', { name: undefined }, '/name'],
    ['with an empty name', { name: '' }, '/name'],
    ['with a blank name', { name: ' \u00a0' }, '/name'],
    ['with a name of 256 characters', { name: 'a'.repeat(256) }, '/name'],
    ['with a name of 251 bytes for many', { name: `${'ü'.repeat(125)}a`, count: 2 }, '/name'],
    ['with a description of 256 bytes', { description: 'ü'.repeat(128) }, '/description'],
    ['smaller than 10 GiB', { sizeGiB: 9 }, '/sizeGiB'],
    ['larger than 32 768 GiB', { sizeGiB: 32_769 }, '/sizeGiB'],
    ['with a size that is not whole', { sizeGiB: 10.5 }, '/sizeGiB'],
    ['with a size beyond all numbers', { sizeGiB: 1e20 }, '/sizeGiB'],
    ['with a size in a string', { sizeGiB: '10' }, '/sizeGiB'],
    ['without a type', { type: undefined }, '/type'],
    ['without a zone', { availabilityZone: undefined }, '/availabilityZone'],
    ['none at all', { count: 0 }, '/count'],
    ['a hundred and one times', { count: 101 }, '/count'],
    ['with a tag key of 37 characters', { tags: { ['k'.repeat(37)]: 'v' } }, `/tags/${'k'.repeat(37)}`],
    ['with a tag key of other characters', { tags: { 'a.b': 'v' } }, '/tags/a.b'],
    ['with a tag value of 44 characters', { tags: { k: 'v'.repeat(44) } }, '/tags/k'],
    ['with a reserved tag', { tags: { 'strata-marker': 'v' } }, '/tags/strata-marker'],
    ['with a reserved tag in another case', { tags: { 'Strata-Marker': 'v' } }, '/tags/Strata-Marker'],
    ['with ten tags', { tags: Object.fromEntries([...'abcdefghij'].map((key) => [key, ''])) }, '/tags'],
    ['with a reserved metadata key', { metadata: { strata_x: 'v' } }, '/metadata/strata_x'],
    ['with one in another case', { metadata: { 'STRATA.marker': 'v' } }, '/metadata/STRATA.marker'],
    ['with one in other letters', { metadata: { 'ſtráta.marker': 'v' } }, '/metadata/ſtráta.marker'],
    ['with one with ß for s', { metadata: { 'ßtrata.marker': 'v' } }, '/metadata/ßtrata.marker'],
    ['with one with a zero width', { metadata: { 'str\u200bata': 'v' } }, '/metadata/str\u200bata'],
    ['with a system metadata key in another case', { metadata: { ReadOnly: 'True' } }, '/metadata/ReadOnly'],
    ['with one with a blank at the end', { metadata: { 'readonly ': 'True' } }, '/metadata/readonly '],
    ['with one of a kind of the cloud’s', { metadata: { 'HW:mem': '1' } }, '/metadata/HW:mem'],
    ['with tags that differ in case only', { tags: { Team: 'a', team: 'b' } }, '/tags/team'],
    ['with metadata that differs in accents only', { metadata: { maß: 'a', mas: 'b' } }, '/metadata/mas'],
    ['with a system metadata key', { metadata: { __system__encrypted: '1' } }, '/metadata/__system__encrypted'],
    ['with the passthrough key', { metadata: { 'hw:passthrough': 'true' } }, '/metadata/hw:passthrough'],
    ['with a metadata key of 256 bytes', { metadata: { ['k'.repeat(256)]: '' } }, `/metadata/${'k'.repeat(256)}`],
    ['with a metadata value of 256 bytes', { metadata: { k: 'v'.repeat(256) } }, '/metadata/k'],
    ['with a source of no kind', { source: {} }, '/source'],
    ['with two sources', { source: { snapshotId: newId(), imageId: newId() } }, '/source'],
    ['with a source of an unknown kind', { source: { snapshotId: newId(), backupId: newId() } }, '/source/backupId'],
    ['with a snapshot that can be none', { source: { snapshotId: 'x' } }, '/source/snapshotId'],
    ['encrypted otherwise than its source', { ...ofSnapshot, encryption: { keyId: newId() } }, '/encryption'],
    ['as another device than its source', { ...ofImage, deviceType: 'vbd' }, '/deviceType'],
    ['of a snapshot, smaller than 10 GiB', { ...ofSnapshot, sizeGiB: 9 }, '/sizeGiB'],
    ['of an image, without any size', { ...ofImage, sizeGiB: 0 }, '/sizeGiB'],
    ['with an unknown member', { colour: 'red' }, '/colour'],
  ])('is refused %s', async (_, change, pointer) => {
    const before = await head();
    const reply = await my.request(change);
    expect(reply.status).toBe(400);
    const { errors } = reply.body as { errors?: readonly { pointer: string; detail: string }[] };
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect(await head()).toBe(before);
  });

  it('names every fault at once', async () => {
    const reply = await my.request({ ...ofSnapshot, name: '', sizeGiB: 9, deviceType: 'vbd' });
    const errors = reply.body['errors'] as readonly { pointer: string }[];
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/deviceType', '/name', '/sizeGiB']);
  });

  it('admits what is just within the bounds', async () => {
    const tags = Object.fromEntries([...'abcdefghi'].map((key) => [key.repeat(36), 'v'.repeat(43)]));
    const metadata = { ['k'.repeat(255)]: 'v'.repeat(255) };
    const change = { name: '😀'.repeat(255), description: 'ü'.repeat(127), sizeGiB: 32_768, tags, metadata };
    expect((await my.request(change)).status).toBe(202);
  });

  it('may ask for a shareable, encrypted SCSI disk, which is shown so from the beginning', async () => {
    const keyId = 'b3c7d915-0f8e-42a6-9d1b-5e60f7a4c832';
    const reply = await my.request({ shareable: true, encryption: { keyId }, deviceType: 'scsi' });
    expect(reply.status).toBe(202);
    expect((await my.call('GET', my.pathOf(reply))).body).toMatchObject({ shareable: true, encrypted: true });
    await server.provision(idOf(reply), newId());
    expect((await my.call('GET', my.pathOf(reply))).body).toMatchObject({ shareable: true, encrypted: true });
    expect((await my.request({ encryption: { keyId: 'mine' } })).status).toBe(400);
    expect((await my.request({ deviceType: 'nvme' })).status).toBe(400);
  });

  it('is refused by name where the cloud would refuse', async () => {
    const binding = await newBinding();
    my = await DiskProject.make(server, binding);
    const fetchedAt = new Date().toISOString();
    server.catalogue.of.set(binding, [
      {
        kind: 'availability-zones',
        fetchedAt,
        items: [
          { name: 'eu-de-01', available: true },
          { name: 'eu-de-02', available: true },
          { name: 'eu-de-03', available: false },
        ],
      },
      {
        kind: 'disk-types',
        fetchedAt,
        items: [
          { name: 'SSD', availabilityZones: ['eu-de-01'], soldOutZones: [] },
          { name: 'SAS', availabilityZones: null, soldOutZones: ['eu-de-01'] },
        ],
      },
    ]);
    const codes = await Promise.all(
      [
        { availabilityZone: 'eu-de-09' },
        { availabilityZone: 'eu-de-03' },
        { type: 'NONE' },
        { availabilityZone: 'eu-de-02' },
        { type: 'SAS' },
      ].map(async (change) => codeOf(await my.request(change))),
    );
    expect(codes).toEqual([
      'availability-zone-unknown',
      'availability-zone-unavailable',
      'disk-type-unknown',
      'disk-type-not-offered',
      'disk-type-sold-out',
    ]);
    expect((await my.request()).status).toBe(202);
    const types = await my.call('GET', `${my.path}/disk-types`);
    expect(types.body['items']).toMatchObject([{ name: 'SSD', age: expect.any(Number) }, { name: 'SAS' }]);
    const zones = await my.call('GET', `${my.path}/availability-zones`);
    expect(zones.body['items']).toHaveLength(3);
  });

  it('is refused as too large from the moment on that the bound is lowered', async () => {
    expect((await my.request({ sizeGiB: 60 })).status).toBe(202);
    await my.setLimits([{ dimension: 'per_disk_gigabytes', limit: 50 }]);
    expect(codeOf(await my.request({ sizeGiB: 60 }))).toBe('quota-exceeded');
  });

  it('is bound by the largest disk that a project may have, in the words of its quota', async () => {
    await my.setLimits([{ dimension: 'per_disk_gigabytes', limit: 50 }]);
    const level = { projectId: my.projectId, limit: 50, used: 0, held: 0, releasing: 0 };
    const over = {
      ...{ type: '/problems/quota-exceeded', dimension: 'per_disk_gigabytes', requested: 51, missing: 1, level },
      detail: `One disk of 51 GiB is asked for, 1 GiB more than project ${my.projectId} allows a disk: at most 50 GiB.`,
    };
    expect(await my.request({ sizeGiB: 51 })).toMatchObject({ status: 409, body: over });
    const path = await my.provisioned({ sizeGiB: 50 });
    expect((await my.call('POST', `${path}/extend`, { sizeGiB: 51 })).body).toMatchObject(over);
    const verdict = await my.call('POST', `${path}/extend?validateOnly=true`, { sizeGiB: 51 });
    expect(verdict).toMatchObject({ status: 200, body: { allowed: false, problems: [over] } });
  });

  it('is told of a bound above only how far up, and of the cloud’s that it is the cloud’s', async () => {
    const access = { kind: 'evs', region: 'eu-de', cloudProjectId: newId(), credentials: { ref: 'lab' } };
    const endpoints = { iam: 'http://127.0.0.1:5000', evs: 'http://127.0.0.1:5000' };
    const made = await my.call('POST', '/v1/bindings', { name: 'lab', ...access, endpoints }, {}, my.admin);
    const bindingId = BindingId.parse(idOf(made));
    const child = await DiskProject.make(server, bindingId, my.projectId);
    await my.setLimits([{ dimension: 'per_disk_gigabytes', limit: 50 }]);
    const above = await child.request({ sizeGiB: 51 });
    expect(above.body).toMatchObject({ missing: 1, level: { relation: 'ancestor', distance: 1 } });
    expect(JSON.stringify(above.body)).not.toContain(my.projectId);
    const granted = [{ dimension: 'per_disk_gigabytes', limit: 45, usedByOthers: 0 }] as const;
    await recordCloudQuota(server.server.store, bindingId, granted, { actorId: WORKER_ACTOR });
    const cloud = await child.request({ sizeGiB: 46 });
    expect(cloud.body).toMatchObject({
      type: '/problems/cloud-quota-exceeded',
      missing: 1,
      level: { relation: 'cloud' },
    });
    expect(codeOf(await child.request({ sizeGiB: 51 }))).toBe('quota-exceeded');
    expect((await child.request({ sizeGiB: 45 })).status).toBe(202);
  });

  it('needs a cloud', async () => {
    const made = await my.call('POST', '/v1/projects', { name: newId() }, {}, my.admin);
    const reply = await my.call('POST', `/v1/projects/${String(made.body['id'])}/disks`, wanted, {}, my.admin);
    expect(codeOf(reply)).toBe('project-without-cloud');
  });

  it('needs the right to', async () => {
    const { token: viewer } = await my.newToken('viewer');
    const forbidden = await my.call('POST', `${my.path}/disks`, wanted, {}, viewer);
    expect(forbidden.status).toBe(403);
    expect(forbidden.body).toMatchObject({ missing: { role: 'operator', projectId: my.projectId } });
    expect((await my.call('POST', `${my.path}/disks`, wanted, {}, my.stranger)).status).toBe(404);
  });

  it('happens once for one key', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await my.request({}, headers);
    await server.provision(idOf(first), 'cloud-1');
    const again = await my.request({}, headers);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.body).toMatchObject({ id: idOf(first), status: 'succeeded' });
    expect(codeOf(await my.request({ name: 'other' }, headers))).toBe('idempotency-mismatch');
    expect(await my.listed(`${my.path}/disks`)).toHaveLength(1);
  });

  it('can be asked about first', async () => {
    await my.setLimits([{ dimension: 'gigabytes', limit: 50 }]);
    const before = await head();
    const fits = await my.call('POST', `${my.path}/disks?validateOnly=true`, wanted);
    expect(fits.status).toBe(200);
    expect(fits.body).toMatchObject({ allowed: true, problems: [], plan: { kind: 'disk.create' } });
    const tooMuch = await my.call('POST', `${my.path}/disks?validateOnly=true`, { ...wanted, count: 2 });
    expect(tooMuch.body).toMatchObject({ allowed: false, problems: [{ type: '/problems/quota-exceeded' }] });
    expect(await head()).toBe(before);
  });
});
