import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from './contract/disk-project.js';
import { DiskServer } from './contract/disk-server.js';

let server: DiskServer;
let alpha: string;
let beta: string;
let bindingId: string;
/** Admin of the project alpha. */
let admin: string;

beforeAll(async () => {
  server = await DiskServer.start();
  ({ alpha, beta } = server.server.seeded.projects);
  bindingId = server.server.seeded.bindings.simulator;
  const wish = { body: { name: 'an admin', role: 'admin' }, token: server.server.tokens.platformAdmin };
  admin = String((await server.call('POST', `/v1/projects/${alpha}/tokens`, wish)).body['token']);
});
afterAll(() => server.close());

const reason = 'the array is being serviced';
const as: DiskServer['as'] = (...asked) => server.as(...asked);
const platform = () => server.server.tokens.platformAdmin;
const begun = async (token: string, scope: object, rest: object = {}): Promise<string> => {
  const reply = await as(token, 'POST', '/v1/pauses', { ...scope, reason, ...rest });
  expect([reply.status, reply.text]).toMatchObject([201, expect.any(String)]);
  return String(reply.body['id']);
};
const listed = async (token: string) => (await server.listed(token, '/v1/pauses')).map(({ id }) => id);

describe('a pause', () => {
  it('of a project is begun by its admin, shown to its viewers, and ended', async () => {
    const reply = await as(admin, 'POST', '/v1/pauses', { projectId: alpha, kind: 'disk.create', reason });
    const { id } = reply.body;
    const shown = { id, projectId: alpha, bindingId: null, kind: 'disk.create', reason, held: 0, version: 1 };
    expect(reply).toMatchObject({ status: 201, body: shown });
    expect(reply.headers.get('location')).toBe(`/v1/pauses/${String(id)}`);
    const days = (Date.parse(String(reply.body['until'])) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 1);
    expect((await server.call('GET', `/v1/pauses/${String(id)}`)).body).toEqual(reply.body);
    expect(await listed(server.server.tokens.alpha)).toContain(id);
    const ended = await as(admin, 'DELETE', `/v1/pauses/${String(id)}`);
    expect(ended.status).toBe(204);
    expect((await as(admin, 'GET', `/v1/pauses/${String(id)}`)).status).toBe(404);
    expect((await as(admin, 'DELETE', `/v1/pauses/${String(id)}`)).status).toBe(404);
    expect(await listed(admin)).not.toContain(id);
    const then = reply.headers.get('strata-position');
    const past = await as(admin, 'GET', `/v1/pauses/${String(id)}?asOf=${then}`);
    expect(past.body).toEqual({ ...reply.body, held: null });
  });

  it('that has ended is told to who repeats its request, as it was', async () => {
    const body = { projectId: alpha, kind: 'disk.extend', reason };
    const headers = { 'idempotency-key': newId() };
    const first = await as(admin, 'POST', '/v1/pauses', body, headers);
    await as(admin, 'DELETE', `/v1/pauses/${String(first.body['id'])}`);
    const again = await as(admin, 'POST', '/v1/pauses', body, headers);
    expect(again).toMatchObject({ status: 201, body: { id: first.body['id'], reason } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('takes the admin’s role, where its project is seen, and is absent where it is not', async () => {
    const operator = server.server.tokens.alpha;
    expect(await as(operator, 'POST', '/v1/pauses', { projectId: alpha, reason })).toMatchObject({
      status: 403,
      body: { missing: { role: 'admin', projectId: alpha } },
    });
    expect((await as(admin, 'POST', '/v1/pauses', { projectId: beta, reason })).body).toMatchObject({
      ...{ status: 404, errors: [{ pointer: '/projectId' }] },
    });
    const id = await begun(platform(), { projectId: alpha });
    expect((await as(operator, 'DELETE', `/v1/pauses/${id}`)).status).toBe(403);
    const stranger = server.server.tokens.beta;
    for (const [method, path] of [
      ['GET', `/v1/pauses/${id}`],
      ['GET', `/v1/pauses/${id}/held`],
      ['DELETE', `/v1/pauses/${id}`],
    ] as const)
      expect([path, (await as(stranger, method, path)).status]).toEqual([path, 404]);
    const ended = await as(admin, 'DELETE', `/v1/pauses/${id}`);
    expect(ended.status).toBe(204);
    expect(await listed(stranger)).toEqual([]);
  });

  it('of a binding is the platform team’s alone', async () => {
    const named = { status: 404, errors: [{ pointer: '/bindingId' }] };
    expect((await as(admin, 'POST', '/v1/pauses', { bindingId, reason })).body).toMatchObject(named);
    const absent = '0195f3a0-0000-7000-8000-00000000dead';
    expect((await as(platform(), 'POST', '/v1/pauses', { bindingId: absent, reason })).body).toMatchObject(named);
    const id = await begun(platform(), { bindingId });
    expect((await as(admin, 'GET', `/v1/pauses/${id}`)).status).toBe(404);
    expect((await as(admin, 'DELETE', `/v1/pauses/${id}`)).status).toBe(404);
    const held = await as(platform(), 'GET', `/v1/pauses/${id}/held`);
    expect([held.status, held.body]).toEqual([200, { items: [], nextCursor: null }]);
    expect((await as(platform(), 'DELETE', `/v1/pauses/${id}`)).status).toBe(204);
  });

  it.each([
    ['names both a project and a binding', () => ({ projectId: alpha, bindingId }), ''],
    ['names neither', () => ({}), ''],
    ['is of a kind that sends nothing', () => ({ projectId: alpha, kind: 'disk.refresh' }), '/kind'],
    ['has ended before it began', () => ({ projectId: alpha, until: '2020-01-01T00:00:00Z' }), '/until'],
    ['never ends', () => ({ projectId: alpha, until: '2099-01-01T00:00:00Z' }), '/until'],
  ])('that %s is refused', async (_, body, pointer) => {
    const reply = await as(platform(), 'POST', '/v1/pauses', { ...body(), reason });
    expect([reply.status, codeOf(reply)]).toEqual([400, 'invalid-request']);
    expect(reply.body['errors']).toMatchObject([{ pointer }]);
  });

  it('accepts commands as ever', async () => {
    const id = await begun(admin, { projectId: alpha });
    const wish = { name: 'x', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
    expect((await server.call('POST', `/v1/projects/${alpha}/disks`, { body: wish })).status).toBe(202);
    expect((await as(admin, 'DELETE', `/v1/pauses/${id}`)).status).toBe(204);
  });
});

describe('an operation that a pause holds', () => {
  it('tells why and until when, and nothing of whose pause it is', async () => {
    const wish = { name: 'y', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
    const { body } = await server.call('POST', `/v1/projects/${alpha}/disks`, { body: wish });
    const hold = { reason, since: '2026-11-28T10:00:00.000Z', until: '2026-12-05T10:00:00.000Z' };
    server.waits.holds.set(String(body['id']), hold);
    server.waits.of.set(String(body['id']), 'lock');
    const { body: shown } = await server.call('GET', `/v1/operations/${String(body['id'])}`);
    expect(shown).toMatchObject({ status: 'queued', waitingFor: 'lock', hold });
  });
});
