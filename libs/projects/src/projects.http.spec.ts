import { ProjectId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { after, idOf, makeProject, makeToken, refusalOf } from './contract/making-projects.js';
import { TestServer, type Reply } from './contract/test-server.js';

let server: TestServer;
let admin: string;
let alpha: string;
let root: string;

beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
  alpha = server.tokens.alpha;
  root = server.seeded.projects.root;
});
afterAll(() => server.close());

describe('a caller', () => {
  it('is told who it is, with which roles where', async () => {
    const me = await server.call(alpha, 'GET', '/v1/me');
    expect(me.body).toMatchObject({
      kind: 'service-token',
      name: 'seeded operator',
      roles: [{ role: 'operator', projectId: server.seeded.projects.alpha }],
    });
    expect((await server.call(admin, 'GET', '/v1/me')).body).toMatchObject({
      roles: [{ role: 'platform-admin', projectId: null }],
    });
  });

  it.each([
    ['no token', undefined],
    ['a word', 'strata'],
    ['another secret', 'other'],
    ['an unknown id', 'unknown'],
  ])('is unknown with %s', async (_, what) => {
    const [, id = '', secret = ''] = alpha.split(/_(.+?)_(.+)/);
    const tokens: Record<string, string> = {
      strata: 'strata',
      other: `strata_${id}_${'A'.repeat(43)}`,
      unknown: `strata_${newId()}_${secret}`,
    };
    expect(refusalOf(await server.call(what && tokens[what], 'GET', '/v1/me'))).toEqual([
      401,
      '/problems/unauthenticated',
    ]);
  });
});

describe('a project', () => {
  it('is created under its parent, with the parent’s binding', async () => {
    const reply = await makeProject(server, 'team');
    expect(reply.body).toMatchObject({
      name: 'team',
      parentId: root,
      bindingId: server.seeded.bindings.simulator,
      version: 1,
    });
    expect(reply.headers.get('location')).toBe(`/v1/projects/${idOf(reply)}`);
    expect(reply.headers.get('etag')).toBe('"1"');
    expect(reply.headers.get('strata-position')).toMatch(/^[^.]+\.\d+$/);
    const read = await server.call(admin, 'GET', `/v1/projects/${idOf(reply)}`);
    expect(read.body).toEqual(reply.body);
    expect(read.headers.get('etag')).toBe('"1"');
  });

  it('is created once for one key', async () => {
    const options = { body: { name: 'once', parentId: root }, headers: { 'idempotency-key': 'create-once' } };
    const first = await server.call(admin, 'POST', '/v1/projects', options);
    const again = await server.call(admin, 'POST', '/v1/projects', options);
    expect([again.status, again.body, again.headers.get('location')]).toEqual([
      201,
      first.body,
      first.headers.get('location'),
    ]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const other = { ...options, body: { name: 'twice', parentId: root } };
    expect(refusalOf(await server.call(admin, 'POST', '/v1/projects', other))).toEqual([
      422,
      '/problems/idempotency-mismatch',
    ]);
  });

  it('is created by an admin of the parent only, a root by a platform-admin', async () => {
    const team = idOf(await makeProject(server, 'team'));
    const [teamAdmin, operator] = [await makeToken(server, team, 'admin'), await makeToken(server, team, 'operator')];
    await makeProject(server, 'inner', team, teamAdmin);
    const asOperator = await server.call(operator, 'POST', '/v1/projects', { body: { name: 'x', parentId: team } });
    expect(asOperator.body).toMatchObject({
      type: '/problems/forbidden',
      status: 403,
      missing: { role: 'admin', projectId: team },
    });
    const asRoot = await server.call(teamAdmin, 'POST', '/v1/projects', { body: { name: 'x' } });
    expect(asRoot.body).toMatchObject({ status: 403, missing: { role: 'platform-admin', projectId: null } });
    const underHidden = await server.call(teamAdmin, 'POST', '/v1/projects', { body: { name: 'x', parentId: root } });
    const underAbsent = await server.call(teamAdmin, 'POST', '/v1/projects', {
      body: { name: 'x', parentId: newId() },
    });
    expect([refusalOf(underHidden), refusalOf(underAbsent)]).toEqual([
      [404, '/problems/not-found'],
      [404, '/problems/not-found'],
    ]);
    for (const { body } of [underHidden, underAbsent])
      expect(body).toMatchObject({ errors: [{ pointer: '/parentId' }], detail: expect.stringContaining('/parentId') });
  });

  it('is a root where its parent is null, as without one', async () => {
    const reply = await server.call(admin, 'POST', '/v1/projects', { body: { name: 'top', parentId: null } });
    expect([reply.status, reply.body]).toMatchObject([201, { name: 'top', parentId: null, bindingId: null }]);
    const byAlpha = await server.call(alpha, 'POST', '/v1/projects', { body: { name: 'top', parentId: null } });
    expect(byAlpha.body).toMatchObject({ status: 403, missing: { role: 'platform-admin', projectId: null } });
  });

  it('takes another binding than its parent’s from a platform-admin only', async () => {
    const team = idOf(await makeProject(server, 'team'));
    const binding = await server.call(admin, 'POST', '/v1/bindings', {
      body: {
        name: 'second',
        kind: 'evs',
        region: 'eu-nl',
        endpoints: { iam: 'https://iam.example', evs: 'https://evs.example' },
        cloudProjectId: 'p2',
        credentials: { ref: 'second' },
      },
    });
    const body = { name: 'x', parentId: team, bindingId: binding.body['id'] };
    const asAdmin = await server.call(await makeToken(server, team, 'admin'), 'POST', '/v1/projects', { body });
    expect(refusalOf(asAdmin)).toEqual([403, '/problems/forbidden']);
    const created = await server.call(admin, 'POST', '/v1/projects', { body });
    expect([created.status, created.body['bindingId']]).toEqual([201, binding.body['id']]);
    const unknown = await server.call(admin, 'POST', '/v1/projects', { body: { ...body, bindingId: newId() } });
    expect(unknown.body).toMatchObject({
      ...{ status: 404, type: '/problems/not-found', errors: [{ pointer: '/bindingId' }] },
      detail: expect.stringContaining('/bindingId'),
    });
    const root = await server.call(admin, 'POST', '/v1/projects', { body: { name: 'x', bindingId: newId() } });
    expect(root.body).toMatchObject({ status: 404, errors: [{ pointer: '/bindingId' }] });
  });

  it.each([
    [{}, '/name'],
    [{ name: ' ' }, '/name'],
    [{ name: 'a\nb' }, '/name'],
    [{ name: 'a'.repeat(256) }, '/name'],
    [{ name: 'a', parentId: 'none' }, '/parentId'],
    [{ name: 'a', colour: 'red' }, '/colour'],
  ])('is refused where a rule is broken, and the member named: %j', async (body, pointer) => {
    const { position } = await server.store.head();
    const reply = await server.call(admin, 'POST', '/v1/projects', { body });
    expect(reply.body).toMatchObject({ status: 400, type: '/problems/invalid-request', errors: [{ pointer }] });
    expect((await server.store.head()).position).toBe(position);
  });

  it('is not to be told from an absent one by those without a role', async () => {
    const hidden = await server.call(alpha, 'GET', `/v1/projects/${server.seeded.projects.beta}`);
    const absent = await server.call(alpha, 'GET', `/v1/projects/${newId()}`);
    const shape = ({ status, body: { instance, requestId, ...rest } }: Reply) => {
      expect([instance, requestId]).toEqual([expect.any(String), expect.any(String)]);
      return { status, rest };
    };
    expect(shape(hidden)).toEqual(shape(absent));
    expect(hidden.status).toBe(404);
  });

  it('shows its parent to those who may view the parent', async () => {
    const team = idOf(await makeProject(server, 'team'));
    const inner = idOf(await makeProject(server, 'inner', team));
    const [ofTeam, ofInner] = [await makeToken(server, team, 'viewer'), await makeToken(server, inner, 'viewer')];
    const read = async (token: string, id: string) => (await server.call(token, 'GET', `/v1/projects/${id}`)).body;
    expect(await read(ofTeam, inner)).toMatchObject({ parentId: team });
    expect(await read(ofTeam, team)).toMatchObject({ parentId: null });
    expect(await read(ofInner, inner)).toMatchObject({ parentId: null });
  });

  it('is renamed at the version that was read', async () => {
    const path = `/v1/projects/${idOf(await makeProject(server, 'old'))}`;
    const renamed = await server.call(admin, 'PATCH', path, { body: { name: 'new' }, headers: { 'if-match': '"1"' } });
    expect([renamed.status, renamed.body['name'], renamed.headers.get('etag')]).toEqual([200, 'new', '"2"']);
    const late = await server.call(admin, 'PATCH', path, { body: { name: 'newer' }, headers: { 'if-match': '"1"' } });
    expect(late.body).toMatchObject({ status: 412, type: '/problems/version-conflict', currentVersion: 2 });
    const unchanged = await server.call(admin, 'GET', path, { headers: { 'if-none-match': '"2"' } });
    expect(unchanged.status).toBe(304);
  });

  it('is shown as it was', async () => {
    const created = await makeProject(server, 'before');
    const path = `/v1/projects/${idOf(created)}`;
    await server.call(admin, 'PATCH', path, { body: { name: 'since' } });
    await server.call(admin, 'DELETE', path);
    const then = created.headers.get('strata-position') ?? '';
    expect((await server.call(admin, 'GET', path)).status).toBe(404);
    expect((await server.call(admin, 'GET', `${path}?asOf=${then}`)).body).toEqual(created.body);
    expect((await server.call(admin, 'GET', `${path}?asOf=2020-01-01T00:00:00Z`)).status).toBe(404);
    expect(refusalOf(await server.call(admin, 'GET', `${path}?asOf=999999999`))).toEqual([
      400,
      '/problems/invalid-request',
    ]);
  });

  describe('that is deleted', () => {
    it('is gone, with its tokens', async () => {
      const created = await makeProject(server, 'short-lived');
      const path = `/v1/projects/${idOf(created)}`;
      const viewer = await makeToken(server, idOf(created), 'viewer');
      expect((await server.call(viewer, 'GET', path)).status).toBe(200);
      const deleted = await server.call(admin, 'DELETE', path);
      expect([deleted.status, deleted.text]).toEqual([204, '']);
      expect((await server.call(admin, 'GET', path)).status).toBe(404);
      server.advance(10_001);
      expect((await server.call(viewer, 'GET', '/v1/me')).status).toBe(401);
      const list = await server.call(admin, 'GET', '/v1/projects?name=short-lived', { headers: after(deleted) });
      expect(list.body['items']).toEqual([]);
    });

    it('must be empty, and what is in the way is named', async () => {
      const outer = idOf(await makeProject(server, 'outer'));
      const inner = idOf(await makeProject(server, 'inner', outer));
      const refused = await server.call(admin, 'DELETE', `/v1/projects/${outer}`);
      expect(refused.body).toMatchObject({
        status: 409,
        type: '/problems/has-children',
        blockers: [{ kind: 'project', id: inner }],
      });
      const disk = { kind: 'disk', id: newId(), reason: 'is in it' };
      server.contents.of.set(ProjectId.parse(inner), [disk]);
      const full = await server.call(admin, 'DELETE', `/v1/projects/${inner}`);
      expect(full.body).toMatchObject({ status: 409, type: '/problems/has-disks', blockers: [disk] });
    });

    it('is not deleted twice, and once for one key', async () => {
      const path = `/v1/projects/${idOf(await makeProject(server, 'once'))}`;
      const headers = { 'idempotency-key': 'delete-once' };
      expect((await server.call(admin, 'DELETE', path, { headers })).status).toBe(204);
      const again = await server.call(admin, 'DELETE', path, { headers });
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([204, 'true']);
      expect((await server.call(admin, 'DELETE', path)).status).toBe(404);
    });
  });

  it('is not written by validateOnly', async () => {
    const { position } = await server.store.head();
    const body = { name: 'verified', parentId: root };
    const verdict = await server.call(admin, 'POST', '/v1/projects?validateOnly=true', { body });
    expect([verdict.status, verdict.body]).toEqual([200, { allowed: true, problems: [], quota: [] }]);
    const path = `/v1/projects/${root}?validateOnly=true`;
    expect((await server.call(admin, 'DELETE', path)).body).toMatchObject({
      allowed: false,
      problems: [{ type: '/problems/has-children', status: 409, title: 'The project has parts' }],
    });
    expect((await server.store.head()).position).toBe(position);
  });
});
