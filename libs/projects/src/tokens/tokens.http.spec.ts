import { everything } from '@strata/event-store';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../contract/index.js';

let server: TestServer;
let admin: string;
let path: string;

beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
  path = `/v1/projects/${server.seeded.projects.alpha}/tokens`;
});
afterAll(() => server.close());

const issue = (body: object, token = admin, headers: Record<string, string> = {}) =>
  server.call(token, 'POST', path, { body, headers });
const me = async (token: unknown) => (await server.call(String(token), 'GET', '/v1/me')).status;

describe('a token', () => {
  it('shows its secret once, to whoever issues it', async () => {
    const headers = { 'idempotency-key': 'a-token' };
    const issued = await issue({ name: 'pipeline', role: 'operator' }, admin, headers);
    expect(issued.status).toBe(201);
    expect(issued.body).toMatchObject({ name: 'pipeline', role: 'operator', expiresAt: null });
    const { token, ...shown } = issued.body;
    expect(token).toMatch(/^strata_[0-9a-f-]{36}_[A-Za-z0-9_-]{43}$/);
    expect(await me(token)).toBe(200);

    const again = await issue({ name: 'pipeline', role: 'operator' }, admin, headers);
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([201, shown, 'true']);
    const location = issued.headers.get('location') ?? '';
    expect((await server.call(admin, 'GET', location)).body).toEqual(shown);
    expect((await server.call(admin, 'GET', path)).body['items']).toContainEqual(shown);
  });

  it('has the version of its project, which its writes are checked against', async () => {
    const issued = await issue({ name: 'versioned', role: 'viewer' });
    const location = issued.headers.get('location') ?? '';
    const version = async () =>
      (await server.call(admin, 'GET', path.replace(/\/tokens$/, ''))).headers.get('etag') ?? 'none';
    const etag = await version();
    const get = (headers: Record<string, string> = {}) => server.call(admin, 'GET', location, { headers });
    expect([issued.headers.get('etag'), (await get()).headers.get('etag')]).toEqual([etag, etag]);
    const next = await issue({ name: 'next', role: 'viewer' }, admin, { 'if-match': etag, 'idempotency-key': 'next' });
    expect([next.status, next.headers.get('etag')]).toEqual([201, await version()]);
    const again = await issue({ name: 'next', role: 'viewer' }, admin, { 'if-match': etag, 'idempotency-key': 'next' });
    expect([again.status, again.headers.get('etag')]).toEqual([201, await version()]);
    const revoke = (ifMatch: string) => server.call(admin, 'DELETE', location, { headers: { 'if-match': ifMatch } });
    expect((await revoke(etag)).status).toBe(412);
    const then = next.headers.get('strata-position') ?? '';
    expect((await revoke((await get()).headers.get('etag') ?? '')).status).toBe(204);
    const past = await server.call(admin, 'GET', `${location}?asOf=${then}`);
    expect([past.status, past.headers.get('etag')]).toEqual([200, next.headers.get('etag')]);
  });

  it('is never taken for unchanged: no event tells its name', async () => {
    const issued = await issue({ name: 'Mary Shelley', role: 'viewer' });
    const { id: actorId } = issued.body['actor'] as { id: string };
    const headers = { 'if-none-match': issued.headers.get('etag') ?? '' };
    const get = () => server.call(admin, 'GET', issued.headers.get('location') ?? '', { headers });
    expect((await get()).body).toMatchObject({ name: 'Mary Shelley' });
    await server.people.forget(actorId);
    expect((await get()).body).toMatchObject({ id: issued.body['id'], name: null });
  });

  it('leaves neither secret, nor hash, nor name in the log', async () => {
    const issued = await issue({ name: 'Ada Lovelace', role: 'viewer' });
    const secret = String(issued.body['token']).split('_').slice(2).join('_');
    const log = JSON.stringify(await server.store.read({ sight: everything, after: 0, limit: 10_000 }));
    expect(log).toContain(String(issued.body['id']));
    expect(log).not.toContain(secret);
    expect(log).not.toContain('Ada');
    expect(log).not.toMatch(/secret/i);
  });

  it('gives its role at its project and below, and nowhere else', async () => {
    const { body } = await issue({ name: 'viewer', role: 'viewer' });
    const { alpha, beta, root } = server.seeded.projects;
    const read = async (id: string) => (await server.call(String(body['token']), 'GET', `/v1/projects/${id}`)).status;
    expect([await read(alpha), await read(beta), await read(root)]).toEqual([200, 404, 404]);
  });

  it('ends within a minute after it was revoked', async () => {
    const { body } = await issue({ name: 'short-lived', role: 'viewer' });
    expect(await me(body['token'])).toBe(200);
    const revoked = await server.call(admin, 'DELETE', `${path}/${String(body['id'])}`);
    expect(revoked.status).toBe(204);
    server.advance(60_000);
    expect(await me(body['token'])).toBe(401);
    expect((await server.call(admin, 'DELETE', `${path}/${String(body['id'])}`)).status).toBe(404);
    expect((await server.call(admin, 'GET', `${path}/${String(body['id'])}`)).status).toBe(404);
  });

  it('ends when it expires', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await issue({ name: 'for an hour', role: 'viewer', expiresAt });
    expect(body).toMatchObject({ expiresAt });
    expect(await me(body['token'])).toBe(200);
    server.advance(3_600_001);
    expect(await me(body['token'])).toBe(401);
  });

  it.each([
    [{ name: 'x', role: 'owner' }, '/role'],
    [{ name: '', role: 'viewer' }, '/name'],
    [{ name: 'x', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
    [{ name: 'x', role: 'viewer', expiresAt: 'tomorrow' }, '/expiresAt'],
    [{ name: 'x', role: 'viewer', expiresAt: '9999-12-31T23:59:59-12:00' }, '/expiresAt'],
    [{ name: 'x', role: 'viewer', secret: 'mine' }, '/secret'],
  ])('is refused where a rule is broken, and the member named: %j', async (body, pointer) => {
    expect((await issue(body)).body).toMatchObject({ status: 400, errors: [{ pointer }] });
  });

  it('is issued, listed and revoked by admins of the project', async () => {
    const { alpha: operator, beta: stranger } = server.tokens;
    const missing = { role: 'admin', projectId: server.seeded.projects.alpha };
    expect((await issue({ name: 'x', role: 'viewer' }, operator)).body).toMatchObject({ status: 403, missing });
    expect((await server.call(operator, 'GET', path)).body).toMatchObject({ status: 403, missing });
    expect((await server.call(operator, 'DELETE', `${path}/${newId()}`)).body).toMatchObject({ status: 403, missing });
    expect((await issue({ name: 'x', role: 'viewer' }, stranger)).status).toBe(404);
    expect((await server.call(stranger, 'GET', path)).status).toBe(404);
  });

  it('is issued with a role that is held everywhere by a platform-admin, at a root', async () => {
    const owner = String((await issue({ name: 'owner', role: 'admin' })).body['token']);
    expect((await issue({ name: 'x', role: 'platform-admin' }, owner)).body).toMatchObject({
      status: 403,
      missing: { role: 'platform-admin' },
    });
    expect((await issue({ name: 'x', role: 'auditor' })).body).toMatchObject({
      status: 409,
      type: '/problems/token-not-for-this-project',
    });
    const atRoot = `/v1/projects/${server.seeded.projects.root}/tokens`;
    const auditor = await server.call(admin, 'POST', atRoot, { body: { name: 'auditor', role: 'auditor' } });
    const token = String(auditor.body['token']);
    expect((await server.call(token, 'GET', `/v1/projects/${server.seeded.projects.beta}`)).status).toBe(200);
    expect((await server.call(token, 'POST', '/v1/projects', { body: { name: 'x' } })).status).toBe(403);
  });

  it('stands for nobody once its actor is forgotten', async () => {
    const { body } = await issue({ name: 'Grace Hopper', role: 'viewer' });
    const token = String(body['token']);
    const { id: actorId } = body['actor'] as { id: string };
    await server.people.forget(actorId);
    expect((await server.call(token, 'GET', '/v1/me')).body).toMatchObject({ id: actorId, name: null });
  });
});
