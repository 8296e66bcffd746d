import { everything } from '@strata/event-store';
import { BindingId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../contract/index.js';
import { recordCloudQuota } from '../index.js';

let server: TestServer;
let admin: string;

beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
});
afterAll(() => server.close());

const access = {
  name: 'production',
  kind: 'evs',
  region: 'eu-de',
  endpoints: { iam: 'https://iam.example/v3', evs: 'https://evs.example' },
  cloudProjectId: '5a3314075bfa49b9ae360f4ecd333695',
  credentials: { ref: 'production' },
};
const add = (body: object = access, token = admin) => server.call(token, 'POST', '/v1/bindings', { body });

describe('a binding', () => {
  it('is added, read and changed', async () => {
    const added = await add();
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({ ...access, version: 1 });
    const path = added.headers.get('location') ?? '';
    expect((await server.call(admin, 'GET', path)).body).toEqual(added.body);
    const body = { endpoints: { evs: 'https://evs2.example' }, credentials: { ref: 'other' } };
    const changed = await server.call(admin, 'PATCH', path, { body });
    expect([changed.status, changed.body]).toMatchObject([
      200,
      {
        name: 'production',
        endpoints: { iam: 'https://iam.example/v3', evs: 'https://evs2.example' },
        credentials: { ref: 'other' },
        version: 2,
      },
    ]);
    const headers = { 'strata-min-position': changed.headers.get('strata-position') ?? '' };
    const list = await server.call(admin, 'GET', '/v1/bindings?name=production', { headers });
    expect(list.body['items']).toEqual([changed.body]);
  });

  it.each([
    { keystone: 'https://keystone.example/v3' },
    { keystone: 'https://keystone.example', cinder: 'https://cinder.example/v3', glance: 'https://glance.example' },
  ])('is one to an OpenStack cloud that is found at %j', async (endpoints) => {
    const openstack = { ...access, name: 'lab', kind: 'openstack', region: 'RegionOne', endpoints };
    const added = await add(openstack);
    expect([added.status, added.body]).toMatchObject([201, openstack]);
    const path = added.headers.get('location') ?? '';
    const moved = { endpoints: { keystone: 'https://other.example' } };
    const changed = await server.call(admin, 'PATCH', path, { body: moved });
    expect(changed.body).toMatchObject({ endpoints: { ...endpoints, ...moved.endpoints } });
  });

  it('loses by null what it can do without', async () => {
    const added = await add();
    const path = added.headers.get('location') ?? '';
    const patch = (body: object) => server.call(admin, 'PATCH', path, { body });
    const [ims, ecs] = ['https://ims.example', 'https://ecs.example'];
    const more = await patch({ endpoints: { ims, ecs }, features: { rollback: 'off' } });
    expect(more.body).toMatchObject({ endpoints: { ...access.endpoints, ims, ecs }, features: { rollback: 'off' } });
    const less = await patch({ endpoints: { ims: null } });
    expect([less.status, less.body['endpoints']]).toEqual([200, { ...access.endpoints, ecs }]);
    const again = await patch({ endpoints: { ims: null, glance: null } });
    expect([again.status, again.body]).toEqual([200, less.body]);
    const asARule = await patch({ features: null });
    expect([asARule.status, asARule.body['features']]).toEqual([200, { rollback: 'cloudsnapshots' }]);
    expect((await server.call(admin, 'GET', path)).body).toEqual(asARule.body);
    await patch({ features: { rollback: 'off' } });
    expect((await patch({ features: { rollback: null } })).body['features']).toEqual({ rollback: 'cloudsnapshots' });
    for (const service of ['iam', 'evs', 'keystone'])
      expect((await patch({ endpoints: { [service]: null } })).body).toMatchObject({
        status: 400,
        errors: [{ pointer: `/endpoints/${service}` }],
      });
    for (const member of ['name', 'region', 'endpoints', 'credentials'])
      expect((await patch({ [member]: null })).body).toMatchObject({
        status: 400,
        errors: [{ pointer: `/${member}` }],
      });
  });

  it.each([
    [{ kind: 'azure' }, '/kind'],
    [{ kind: 'openstack', endpoints: { cinder: 'https://x' } }, '/endpoints/keystone'],
    [{ kind: 'openstack', endpoints: { keystone: 'https://x', evs: 'https://x' } }, '/endpoints/evs'],
    [{ endpoints: { iam: 'ftp://x', evs: 'https://x' } }, '/endpoints/iam'],
    [{ endpoints: { iam: 'https://user:pw@x', evs: 'https://x' } }, '/endpoints/iam'],
    [{ endpoints: { iam: 'https://x?token=1', evs: 'https://x' } }, '/endpoints/iam'],
    [{ endpoints: { iam: 'https://x' } }, '/endpoints/evs'],
    [{ credentials: { ref: '../etc/passwd' } }, '/credentials/ref'],
    [{ credentials: { ref: 'x', password: 'y' } }, '/credentials/password'],
    [{ region: '' }, '/region'],
  ])('is refused where a rule is broken, and the member named: %j', async (part, pointer) => {
    const { position } = await server.store.head();
    expect((await add({ ...access, ...part })).body).toMatchObject({ status: 400, errors: [{ pointer }] });
    expect((await server.store.head()).position).toBe(position);
  });

  it('stays with its cloud project: in another one all of its disks would be gone', async () => {
    const { body } = await add();
    const path = `/v1/bindings/${String(body['id'])}`;
    const moved = await server.call(admin, 'PATCH', path, { body: { cloudProjectId: 'another' } });
    expect(moved.body).toMatchObject({ status: 400, errors: [{ pointer: '/cloudProjectId' }] });
    expect((await server.call(admin, 'GET', path)).body).toEqual(body);
  });

  it('takes no endpoint of a service that its kind does not have', async () => {
    const path = (await add()).headers.get('location') ?? '';
    const endpoints = { keystone: 'https://keystone.example', evs: 'https://evs2.example' };
    const refused = await server.call(admin, 'PATCH', path, { body: { endpoints } });
    expect([refused.status, refused.body['errors']]).toMatchObject([400, [{ pointer: '/endpoints/keystone' }]]);
    expect((await server.call(admin, 'GET', path)).body).toMatchObject({ endpoints: access.endpoints, version: 1 });
  });

  it('is found in the list by its id', async () => {
    const added = await add();
    const headers = { 'strata-min-position': added.headers.get('strata-position') ?? '' };
    const list = await server.call(admin, 'GET', `/v1/bindings?id=${String(added.body['id'])}`, { headers });
    expect(list.body['items']).toEqual([added.body]);
  });

  it('is the affair of platform-admins', async () => {
    const path = `/v1/bindings/${server.seeded.bindings.simulator}`;
    const { alpha } = server.tokens;
    expect((await add(access, alpha)).body).toMatchObject({ status: 403, missing: { role: 'platform-admin' } });
    expect((await server.call(alpha, 'GET', '/v1/bindings')).status).toBe(403);
    expect((await server.call(alpha, 'GET', path)).status).toBe(404);
    expect((await server.call(alpha, 'PATCH', path, { body: { name: 'x' } })).status).toBe(404);
    expect((await server.call(alpha, 'DELETE', path)).status).toBe(404);
  });

  it('is removed when no project uses it', async () => {
    const { body } = await add();
    const path = `/v1/bindings/${String(body['id'])}`;
    const project = await server.call(admin, 'POST', '/v1/projects', {
      body: { name: 'x', parentId: server.seeded.projects.root, bindingId: body['id'] },
    });
    const blockers = [{ kind: 'project', id: project.body['id'] }];
    expect((await server.call(admin, 'DELETE', path)).body).toMatchObject({
      status: 409,
      type: '/problems/binding-in-use',
      blockers,
    });
    await server.call(admin, 'DELETE', `/v1/projects/${String(project.body['id'])}`);
    expect((await server.call(admin, 'DELETE', path)).status).toBe(204);
    expect((await server.call(admin, 'GET', path)).status).toBe(404);
    expect((await server.call(admin, 'PATCH', path, { body: { name: 'x' } })).status).toBe(404);
  });

  it('follows the quota of its cloud project, and hears of it once', async () => {
    const bindingId = server.seeded.bindings.simulator;
    const meta = { actorId: newId() };
    const seen = [{ dimension: 'disks', limit: 12, usedByOthers: 5 }];
    expect(await recordCloudQuota(server.store, bindingId, seen, meta)).toMatchObject({ status: 'recorded' });
    expect(await recordCloudQuota(server.store, bindingId, seen, meta)).toMatchObject({ status: 'no-news' });
    const levels = await server.ledger.path(server.seeded.projects.alpha);
    expect(levels).toContainEqual(
      expect.objectContaining({ node: bindingId, nodeKind: 'binding', dimension: 'disks', limit: 7 }),
    );
    const unknown = await recordCloudQuota(server.store, BindingId.parse(newId()), seen, meta);
    expect(unknown.status).toBe('no-news');
  });

  it('keeps its events from the readers of its projects', async () => {
    const sight = { all: false, nodes: [server.seeded.projects.root] } as const;
    const events = await server.store.read({ sight, after: 0, limit: 1_000 });
    expect(events.length).toBeGreaterThan(0);
    expect(events.filter(({ stream }) => stream.startsWith('binding-'))).toEqual([]);
    const all = await server.store.read({ sight: everything, after: 0, limit: 1_000 });
    expect(all.some(({ stream }) => stream.startsWith('binding-'))).toBe(true);
  });
});
