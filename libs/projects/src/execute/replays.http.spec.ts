import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestServer } from '../contract/index.js';
import { idOf, makeProject } from '../contract/making-projects.js';
import type { Reply } from '../contract/test-server.js';

let server: TestServer;
let admin: string;
let root: string;
beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
  root = server.seeded.projects.root;
});
afterAll(() => server.close());
afterEach(() => void vi.useRealTimers());

const hourMs = 3_600_000;

const call = (method: string, path: string, body?: object, key?: string) =>
  server.call(admin, method, path, { ...(body && { body }), ...(key && { headers: { 'idempotency-key': key } }) });

/** Status, body and address of an answer, and whether it is told to be an earlier one. */
const told = ({ status, body, headers }: Reply) => [
  status,
  body,
  headers.get('location'),
  headers.get('idempotency-replayed'),
];
const replayOf = ({ status, body, headers }: Reply, change: object = {}) => [
  status,
  { ...body, ...change },
  headers.get('location'),
  'true',
];

describe('a repeated request', () => {
  it('that changed nothing undoes nothing that was changed since', async () => {
    const project = `/v1/projects/${idOf(await makeProject(server, 'quiet'))}`;
    const key = newId();
    expect((await call('PATCH', project, { name: 'quiet' }, key)).body['name']).toBe('quiet');
    await call('PATCH', project, { name: 'loud' });
    const again = await call('PATCH', project, { name: 'quiet' }, key);
    expect([again.status, again.body['name'], again.headers.get('idempotency-replayed')]).toEqual([
      200,
      'loud',
      'true',
    ]);
    expect((await call('PATCH', project, { name: 'other' }, key)).status).toBe(422);
    expect((await call('GET', project)).body['name']).toBe('loud');
  });

  it('for a project that is gone since is answered with what it was', async () => {
    const body = { name: 'passing', parentId: root };
    const [create, rename] = [newId(), newId()];
    const created = await call('POST', '/v1/projects', body, create);
    const project = `/v1/projects/${idOf(created)}`;
    const renamed = await call('PATCH', project, { name: 'passed' }, rename);
    expect((await call('DELETE', project)).status).toBe(204);
    expect(told(await call('POST', '/v1/projects', body, create))).toEqual(replayOf(created));
    expect(told(await call('PATCH', project, { name: 'passed' }, rename))).toEqual(replayOf(renamed));
    expect((await call('PATCH', project, { name: 'passed' })).status).toBe(404);
  });

  it('for a token that is revoked, or expired since, is answered without its secret', async () => {
    const path = `/v1/projects/${root}/tokens`;
    const [revoked, expired] = [newId(), newId()];
    const first = await call('POST', path, { name: 'revoked', role: 'viewer' }, revoked);
    expect((await call('DELETE', `${path}/${idOf(first)}`)).status).toBe(204);
    expect(told(await call('POST', path, { name: 'revoked', role: 'viewer' }, revoked))).toEqual(
      replayOf(first, { token: undefined }),
    );

    const brief = { name: 'brief', role: 'viewer', expiresAt: new Date(Date.now() + hourMs).toISOString() };
    const second = await call('POST', path, brief, expired);
    expect(second.status).toBe(201);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * hourMs });
    expect(told(await call('POST', path, brief, expired))).toEqual(replayOf(second, { token: undefined }));
    expect((await call('POST', path, brief)).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '/expiresAt', detail: 'must lie in the future' }],
    });
  });

  it('for a binding that is removed since is answered with what it was', async () => {
    const endpoints = { iam: 'https://iam.example/v3', evs: 'https://evs.example' };
    const access = { kind: 'evs', region: 'eu-de', endpoints, cloudProjectId: newId(), credentials: { ref: 'other' } };
    const body = { name: newId(), ...access };
    const key = newId();
    const added = await call('POST', '/v1/bindings', body, key);
    expect((await call('DELETE', `/v1/bindings/${idOf(added)}`)).status).toBe(204);
    expect(told(await call('POST', '/v1/bindings', body, key))).toEqual(replayOf(added));
  });
});
