import { BindingId } from '@strata/kernel';
import type { Reply } from '@strata/projects/contract';
import { until } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DiskServer } from './contract/disk-server.js';

let server: DiskServer;
/** A project of its own for each test, under the root and with its cloud. */
let project: string;
let projectId: string;
let token: string;

beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());
beforeEach(async () => {
  ({ projectId, token } = await newProject());
  project = `/v1/projects/${projectId}`;
});

const asAdmin = () => server.server.tokens.platformAdmin;
const newToken = async (of: string, role: string): Promise<string> => {
  const issued = await server.call('POST', `/v1/projects/${of}/tokens`, {
    body: { name: role, role },
    token: asAdmin(),
  });
  return String(issued.body['token']);
};
const newProject = async (bindingId?: string) => {
  const body = { name: newId(), parentId: server.server.seeded.projects.root, ...(bindingId && { bindingId }) };
  const made = await server.call('POST', '/v1/projects', { body, token: asAdmin() });
  const id = String(made.body['id']);
  return { projectId: id, token: await newToken(id, 'operator') };
};
const newBinding = async (): Promise<BindingId> => {
  const endpoints = { iam: 'http://127.0.0.1:7071/iam', evs: 'http://127.0.0.1:7071/evs' };
  const access = { kind: 'evs', region: 'eu-de', endpoints, cloudProjectId: newId(), credentials: { ref: 'other' } };
  const made = await server.call('POST', '/v1/bindings', { body: { name: newId(), ...access }, token: asAdmin() });
  return BindingId.parse(made.body['id']);
};

const wanted = { name: 'db', sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01' };
type Headers = Readonly<Record<string, string>>;

const call = (method: string, path: string, body?: unknown, headers: Headers = {}, by = token): Promise<Reply> =>
  server.call(method, path, { ...(body !== undefined && { body }), headers, token: by });
const request = (change: object = {}, headers: Headers = {}) =>
  call('POST', `${project}/disks`, { ...wanted, ...change }, headers);
const targetOf = ({ body }: Reply): string => (body['target'] as { id: string }).id;
const pathOf = (reply: Reply) => `${project}/disks/${targetOf(reply)}`;
const operationOf = ({ body }: Reply): string => String(body['id']);
const codeOf = ({ body }: Reply) => String(body['type']).slice('/problems/'.length);
const show = async (path: string) => (await call('GET', path)).body;

/** A disk that the cloud has made; the path to it. */
const provisioned = async (change: object = {}): Promise<string> => {
  const reply = await request(change);
  await server.provision(operationOf(reply), `cloud-${targetOf(reply)}`);
  return pathOf(reply);
};
const head = async () => (await server.server.store.head()).position;
const listedItems = async (path: string, by = token) => {
  const position = await head();
  const { incarnation } = await server.server.store.head();
  const reply = await call('GET', path, undefined, { 'strata-min-position': `${incarnation}.${position}` }, by);
  expect(reply.status).toBe(200);
  return reply.body['items'] as readonly Readonly<Record<string, unknown>>[];
};
const setLimits = (limits: readonly { dimension: string; limit: number }[]) => server.limit(projectId, limits);

describe('requesting a disk', () => {
  it('is answered with the operation, its address and the position of the commit', async () => {
    const reply = await request({ description: 'for the shop', tags: { team: 'a' }, metadata: { owner: 'b' } });
    expect(reply.status).toBe(202);
    const diskId = targetOf(reply);
    expect(reply.body).toEqual({
      id: expect.any(String),
      projectId,
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
    expect(reply.headers.get('location')).toBe(`/v1/operations/${operationOf(reply)}`);
    expect(reply.headers.get('strata-position')).toMatch(/^[^.]+\.\d+$/);
    const shown = await call('GET', `/v1/operations/${operationOf(reply)}`);
    expect(shown.body).toEqual(reply.body);
    expect(shown.headers.get('etag')).toBe('"1"');
  });

  it('makes a disk that is being created', async () => {
    const reply = await request({ description: 'for the shop', tags: { team: 'a' }, metadata: { owner: 'b' } });
    const shown = await call('GET', pathOf(reply));
    expect(shown.body).toEqual({
      id: targetOf(reply),
      projectId,
      ...wanted,
      description: 'for the shop',
      status: 'creating',
      statusReason: null,
      allowedActions: [],
      bootable: false,
      shareable: false,
      encrypted: false,
      attachments: [],
      tags: { team: 'a' },
      metadata: { owner: 'b' },
      source: null,
      cloud: null,
      createdAt: reply.body['createdAt'],
      updatedAt: reply.body['createdAt'],
      version: 1,
    });
    expect(shown.headers.get('etag')).toBe('"1"');
  });

  it('makes many disks at once, followed by one operation whose parts are left out of lists', async () => {
    const reply = await request({ count: 3 });
    expect(reply.status).toBe(202);
    const { ids } = reply.body['target'] as { ids: string[] };
    expect(ids).toHaveLength(3);
    expect(reply.body).toMatchObject({ kind: 'disk.create', target: { type: 'disks' }, result: null });
    const disks = await listedItems(`${project}/disks?sort=name`);
    expect(disks.map(({ id, name }) => ({ id, name }))).toEqual(
      ids.map((id, index) => ({ id, name: `db-000${index + 1}` })),
    );
    expect((await listedItems(`${project}/operations`)).map(({ id }) => id)).toEqual([operationOf(reply)]);
    const parts = await listedItems(`${project}/operations?partOf=${operationOf(reply)}&sort=createdAt`);
    expect(parts.map(({ target }) => target)).toEqual(expect.arrayContaining(ids.map((id) => ({ type: 'disk', id }))));
    for (const part of parts) await server.provision(String(part['id']), `cloud-${String(part['id'])}`);
    expect((await show(`/v1/operations/${operationOf(reply)}`))['progress']).toEqual({
      percent: 99,
      phase: 'parts',
      eta: null,
    });
  });

  it('charges all of them or none', async () => {
    await setLimits([{ dimension: 'disks', limit: 2 }]);
    const refused = await request({ count: 3 });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      type: '/problems/quota-exceeded',
      dimension: 'disks',
      requested: 3,
      missing: 1,
      level: { projectId, limit: 2, used: 0, held: 0, releasing: 0 },
    });
    expect(await listedItems(`${project}/disks`)).toEqual([]);
    expect(await listedItems(`${project}/operations`)).toEqual([]);
    expect((await request({ count: 2 })).status).toBe(202);
    expect(codeOf(await request())).toBe('quota-exceeded');
  });

  it.each<[string, object, string]>([
    ['without a name', { name: undefined }, '/name'],
    ['with an empty name', { name: '' }, '/name'],
    ['with a name of 256 characters', { name: 'a'.repeat(256) }, '/name'],
    ['with a name of 251 bytes for many', { name: `${'ü'.repeat(125)}a`, count: 2 }, '/name'],
    ['with a description of 256 bytes', { description: 'ü'.repeat(128) }, '/description'],
    ['smaller than 10 GiB', { sizeGiB: 9 }, '/sizeGiB'],
    ['larger than 32 768 GiB', { sizeGiB: 32_769 }, '/sizeGiB'],
    ['with a size that is not whole', { sizeGiB: 10.5 }, '/sizeGiB'],
    ['with a size in a string', { sizeGiB: '10' }, '/sizeGiB'],
    ['without a type', { type: undefined }, '/type'],
    ['without a zone', { availabilityZone: undefined }, '/availabilityZone'],
    ['none at all', { count: 0 }, '/count'],
    ['a hundred and one times', { count: 101 }, '/count'],
    ['with a tag key of 37 characters', { tags: { ['k'.repeat(37)]: 'v' } }, `/tags/${'k'.repeat(37)}`],
    ['with a tag key of other characters', { tags: { 'a.b': 'v' } }, '/tags/a.b'],
    ['with a tag value of 44 characters', { tags: { k: 'v'.repeat(44) } }, '/tags/k'],
    ['with a reserved tag', { tags: { 'strata-marker': 'v' } }, '/tags/strata-marker'],
    ['with ten tags', { tags: Object.fromEntries([...'abcdefghij'].map((key) => [key, ''])) }, '/tags'],
    ['with a reserved metadata key', { metadata: { strata_x: 'v' } }, '/metadata/strata_x'],
    ['with a system metadata key', { metadata: { __system__encrypted: '1' } }, '/metadata/__system__encrypted'],
    ['with the passthrough key', { metadata: { 'hw:passthrough': 'true' } }, '/metadata/hw:passthrough'],
    ['with a metadata key of 256 bytes', { metadata: { ['k'.repeat(256)]: '' } }, `/metadata/${'k'.repeat(256)}`],
    ['with a metadata value of 256 bytes', { metadata: { k: 'v'.repeat(256) } }, '/metadata/k'],
    ['with a source', { source: { snapshotId: newId() } }, '/source'],
    ['with an unknown member', { colour: 'red' }, '/colour'],
  ])('is refused %s', async (_, change, pointer) => {
    const before = await head();
    const reply = await request(change);
    expect(reply.status).toBe(400);
    const { errors } = reply.body as { errors?: readonly { pointer: string; detail: string }[] };
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect(await head()).toBe(before);
  });

  it('admits what is just within the bounds', async () => {
    const tags = Object.fromEntries([...'abcdefghi'].map((key) => [key.repeat(36), 'v'.repeat(43)]));
    const metadata = { ['k'.repeat(255)]: 'v'.repeat(255) };
    const change = { name: '😀'.repeat(255), description: 'ü'.repeat(127), sizeGiB: 32_768, tags, metadata };
    expect((await request(change)).status).toBe(202);
  });

  it('is refused by name where the cloud would refuse', async () => {
    const binding = await newBinding();
    const { projectId: placed, token: by } = await newProject(binding);
    project = `/v1/projects/${placed}`;
    token = by;
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
      ].map(async (change) => codeOf(await request(change))),
    );
    expect(codes).toEqual([
      'availability-zone-unknown',
      'availability-zone-unavailable',
      'disk-type-unknown',
      'disk-type-not-offered',
      'disk-type-sold-out',
    ]);
    expect((await request()).status).toBe(202);
    const types = await call('GET', `${project}/disk-types`);
    expect(types.body['items']).toMatchObject([{ name: 'SSD', age: expect.any(Number) }, { name: 'SAS' }]);
    const zones = await call('GET', `${project}/availability-zones`);
    expect(zones.body['items']).toHaveLength(3);
  });

  it('is bound by the largest disk that a project may have', async () => {
    await setLimits([{ dimension: 'per_disk_gigabytes', limit: 50 }]);
    const refused = await request({ sizeGiB: 51 });
    expect(refused.body).toMatchObject({ type: '/problems/disk-too-large', requestedGiB: 51, largestGiB: 50 });
    const path = await provisioned({ sizeGiB: 50 });
    expect(codeOf(await call('POST', `${path}/extend`, { sizeGiB: 51 }))).toBe('disk-too-large');
  });

  it('needs a cloud', async () => {
    const made = await call('POST', '/v1/projects', { name: newId() }, {}, asAdmin());
    const reply = await call('POST', `/v1/projects/${String(made.body['id'])}/disks`, wanted, {}, asAdmin());
    expect(codeOf(reply)).toBe('project-without-cloud');
  });

  it('needs the right to', async () => {
    const viewer = await newToken(projectId, 'viewer');
    const forbidden = await call('POST', `${project}/disks`, wanted, {}, viewer);
    expect(forbidden.status).toBe(403);
    expect(forbidden.body).toMatchObject({ missing: { role: 'operator', projectId } });
    const stranger = server.server.tokens.beta;
    expect((await call('POST', `${project}/disks`, wanted, {}, stranger)).status).toBe(404);
  });

  it('happens once for one key', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await request({}, headers);
    await server.provision(operationOf(first), 'cloud-1');
    const again = await request({}, headers);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.body).toMatchObject({ id: operationOf(first), status: 'succeeded' });
    expect(codeOf(await request({ name: 'other' }, headers))).toBe('idempotency-mismatch');
    expect(await listedItems(`${project}/disks`)).toHaveLength(1);
  });

  it('can be asked about first', async () => {
    await setLimits([{ dimension: 'gigabytes', limit: 50 }]);
    const before = await head();
    const fits = await call('POST', `${project}/disks?validateOnly=true`, wanted);
    expect(fits.status).toBe(200);
    expect(fits.body).toMatchObject({ allowed: true, problems: [], plan: { kind: 'disk.create' } });
    const tooMuch = await call('POST', `${project}/disks?validateOnly=true`, { ...wanted, count: 2 });
    expect(tooMuch.body).toMatchObject({ allowed: false, problems: [{ type: '/problems/quota-exceeded' }] });
    expect(await head()).toBe(before);
  });
});

describe('waiting for the end', () => {
  const waitFor = { prefer: 'wait=10' };

  it('is answered with the operation as it ended', async () => {
    const answer = request({}, waitFor);
    let operationId = '';
    await until('the disk is requested', async () => {
      [operationId = ''] = (await listedItems(`${project}/operations`)).map(({ id }) => String(id));
      return operationId !== '';
    });
    await server.provision(operationId, 'cloud-1');
    const reply = await answer;
    expect(reply.status).toBe(200);
    expect(reply.headers.get('preference-applied')).toBe('wait=10');
    expect(reply.body).toMatchObject({ id: operationId, status: 'succeeded', progress: { percent: 100 } });
  });

  it('is answered 200 also when it failed, and 202 when it did not end in time', async () => {
    const late = await request({}, { prefer: 'wait=1' });
    expect(late.status).toBe(202);
    expect(late.headers.get('preference-applied')).toBe('wait=1');
    const key = { 'idempotency-key': newId() };
    const first = await request({ name: 'other' }, key);
    await server.fail(operationOf(first));
    const reply = await request({ name: 'other' }, { ...key, ...waitFor });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud', retryable: true } });
  });
});

describe('a disk', () => {
  it('is available once the cloud has made it', async () => {
    const path = await provisioned();
    expect(await show(path)).toMatchObject({
      status: 'available',
      cloud: { id: expect.stringContaining('cloud-'), status: 'available' },
      allowedActions: ['refresh', 'update', 'extend', 'delete'],
      version: 2,
    });
  });

  it('stays in error without a cloud when nothing came of it, uncharged and deletable at once', async () => {
    await setLimits([{ dimension: 'disks', limit: 1 }]);
    const reply = await request();
    await server.fail(operationOf(reply));
    const path = pathOf(reply);
    expect(await show(path)).toMatchObject({
      status: 'error',
      statusReason: 'The cloud could not carry it out',
      cloud: null,
      allowedActions: ['delete'],
    });
    expect((await request()).status).toBe(202);
    const deleted = await call('DELETE', path);
    expect(deleted.status).toBe(202);
    expect(deleted.body).toMatchObject({ kind: 'disk.delete', status: 'succeeded', endedAt: expect.any(String) });
    expect((await call('GET', path)).status).toBe(404);
    expect(codeOf(await call('DELETE', path))).toBe('not-found');
  });

  it('is 404 for strangers, under another project, and when there is none', async () => {
    const path = await provisioned();
    const { alpha } = server.server.seeded.projects;
    expect((await call('GET', path, undefined, {}, server.server.tokens.beta)).status).toBe(404);
    const elsewhere = path.replace(projectId, alpha);
    expect((await call('GET', elsewhere, undefined, {}, asAdmin())).status).toBe(404);
    expect((await call('DELETE', elsewhere, undefined, {}, asAdmin())).status).toBe(404);
    expect((await call('GET', `${project}/disks/${newId()}`)).status).toBe(404);
    expect((await call('GET', `${project}/disks/nonsense`)).status).toBe(404);
  });

  it('is shown as it was', async () => {
    const reply = await request();
    const requested = reply.headers.get('strata-position');
    await server.provision(operationOf(reply), 'cloud-1');
    const path = pathOf(reply);
    const deletion = await call('DELETE', path);
    await server.accept(operationOf(deletion));
    await server.end(operationOf(deletion), { end: 'succeeded', outcome: {} });
    expect((await call('GET', path)).status).toBe(404);
    expect(await show(`${path}?asOf=${requested}`)).toMatchObject({ status: 'creating' });
    expect(await show(`${path}?asOf=${deletion.headers.get('strata-position')}`)).toMatchObject({ status: 'deleting' });
    const listed = await listedItems(`${project}/disks?asOf=${deletion.headers.get('strata-position')}`);
    expect(listed).toMatchObject([{ status: 'deleting' }]);
    expect(await listedItems(`${project}/disks`)).toEqual([]);
    expect((await call('GET', `${path}?asOf=2020-01-01T00:00:00Z`)).status).toBe(404);
  });

  it('is not sent again to who knows it, and not changed by who knows another version', async () => {
    const path = await provisioned();
    const etag = (await call('GET', path)).headers.get('etag') ?? '';
    const response = await fetch(server.server.url + path, {
      headers: { authorization: `Bearer ${token}`, 'if-none-match': etag },
    });
    expect(response.status).toBe(304);
    const stale = await call('DELETE', path, undefined, { 'if-match': '"1"' });
    expect(stale.status).toBe(412);
    expect((await call('DELETE', path, undefined, { 'if-match': etag })).status).toBe(202);
  });
});

describe('a list of disks', () => {
  it('is filtered, sorted and paged', async () => {
    await provisioned({ name: 'a', sizeGiB: 10, tags: { team: 'x' } });
    await provisioned({ name: 'b', sizeGiB: 20, tags: { team: 'y' } });
    await request({ name: 'c', sizeGiB: 30 });
    const names = async (query: string) => (await listedItems(`${project}/disks?${query}`)).map(({ name }) => name);
    expect(await names('')).toEqual(['c', 'b', 'a']);
    expect(await names('sort=sizeGiB')).toEqual(['a', 'b', 'c']);
    expect(await names('status=creating&status=error')).toEqual(['c']);
    expect(await names('sizeGiB.gte=20&sort=name')).toEqual(['b', 'c']);
    expect(await names('sizeGiB=10')).toEqual(['a']);
    expect(await names('tags.team=x&tags.team=y')).toEqual(['b', 'a']);
    const [first] = await listedItems(`${project}/disks?name=a`);
    expect(await names(`id=${String(first?.['id'])}`)).toEqual(['a']);
    expect(await names(`cloud.id=${(first?.['cloud'] as { id: string }).id}`)).toEqual(['a']);
    const page = await call('GET', `${project}/disks?limit=2&sort=name`);
    const rest = await call('GET', `${project}/disks?limit=2&cursor=${String(page.body['nextCursor'])}`);
    expect((rest.body['items'] as { name: string }[]).map(({ name }) => name)).toEqual(['c']);
    expect(rest.body['nextCursor']).toBeNull();
    expect((await call('GET', `${project}/disks?colour=red`)).status).toBe(400);
  });

  it('goes over all projects that the caller may view', async () => {
    await request();
    const other = await newProject();
    await call('POST', `/v1/projects/${other.projectId}/disks`, wanted, {}, other.token);
    const mine = await listedItems('/v1/disks');
    expect(mine.map((disk) => disk['projectId'])).toEqual([projectId]);
    const both = await listedItems(`/v1/disks?projectId=${projectId}&projectId=${other.projectId}`, asAdmin());
    expect(both).toHaveLength(2);
    expect((await call('GET', `/v1/projects/${other.projectId}/disks`)).status).toBe(404);
  });
});

describe('changing a disk', () => {
  it('merges by key, and is written when the cloud has it', async () => {
    const path = await provisioned({ description: 'old', tags: { a: '1', b: '2' } });
    const reply = await call('PATCH', path, { name: 'new', description: null, tags: { a: null, c: '3' } });
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({ kind: 'disk.update' });
    expect(await show(path)).toMatchObject({ name: 'db', description: 'old', status: 'available', allowedActions: [] });
    await server.accept(operationOf(reply));
    await server.end(operationOf(reply), { end: 'succeeded', outcome: {} });
    expect(await show(path)).toMatchObject({ name: 'new', description: '', tags: { b: '2', c: '3' } });
  });

  it('removes all tags with null, and succeeds at once when nothing changes', async () => {
    const path = await provisioned({ tags: { a: '1', b: '2' } });
    const nothing = await call('PATCH', path, { name: 'db', tags: { a: '1' } });
    expect(nothing.body).toMatchObject({ status: 'succeeded' });
    const reply = await call('PATCH', path, { tags: null });
    await server.accept(operationOf(reply));
    await server.end(operationOf(reply), { end: 'succeeded', outcome: {} });
    expect(await show(path)).toMatchObject({ tags: {} });
  });

  it('is refused with what a disk may not have', async () => {
    const nine = Object.fromEntries([...'abcdefghi'].map((key) => [key, '']));
    const path = await provisioned({ tags: nine });
    expect(codeOf(await call('PATCH', path, { tags: { j: '' } }))).toBe('too-many-tags');
    expect((await call('PATCH', path, { tags: { a: null, j: '' } })).status).toBe(202);
    const other = await provisioned();
    expect(codeOf(await call('PATCH', other, { name: 'ü'.repeat(128) }))).toBe('invalid-request');
    expect(codeOf(await call('PATCH', other, { name: null }))).toBe('invalid-request');
    expect(codeOf(await call('PATCH', other, { tags: { strata: null } }))).toBe('invalid-request');
    expect(codeOf(await call('PATCH', other, { sizeGiB: 80 }))).toBe('invalid-request');
  });
});

describe('extending a disk', () => {
  it('holds the difference, and uses it when the cloud has it', async () => {
    await setLimits([{ dimension: 'gigabytes', limit: 100 }]);
    const path = await provisioned();
    expect(codeOf(await call('POST', `${path}/extend`, { sizeGiB: 40 }))).toBe('size-not-larger');
    expect(codeOf(await call('POST', `${path}/extend`, { sizeGiB: 101 }))).toBe('quota-exceeded');
    const reply = await call('POST', `${path}/extend`, { sizeGiB: 100 });
    expect(reply.status).toBe(202);
    expect(await show(path)).toMatchObject({ status: 'extending', sizeGiB: 40 });
    await server.accept(operationOf(reply));
    await server.end(operationOf(reply), { end: 'succeeded', outcome: {} });
    expect(await show(path)).toMatchObject({ status: 'available', sizeGiB: 100 });
    expect(codeOf(await request({ sizeGiB: 10 }))).toBe('quota-exceeded');
  });

  it('is busy with one thing at a time', async () => {
    const path = await provisioned();
    const first = await call('POST', `${path}/refresh`);
    expect(first.status).toBe(202);
    const second = await call('POST', `${path}/extend`, { sizeGiB: 80 });
    expect(second.status).toBe(409);
    expect(second.body).toMatchObject({
      type: '/problems/disk-busy',
      blockers: [{ kind: 'operation', id: operationOf(first) }],
    });
  });

  it('is refused while the disk is not there', async () => {
    const reply = await request();
    await server.fail(operationOf(reply));
    const refused = await call('POST', `${pathOf(reply)}/extend`, { sizeGiB: 80 });
    expect(refused.body).toMatchObject({ type: '/problems/disk-not-ready', diskStatus: 'error', allowed: ['delete'] });
  });
});
