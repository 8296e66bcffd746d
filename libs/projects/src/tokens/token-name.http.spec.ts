import { everything } from '@strata/event-store';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { after, idOf, makeToken, refusalOf } from '../contract/making-projects.js';
import { TestServer, type Reply } from '../contract/test-server.js';

let server: TestServer;
let admin: string;
let projectId: string;
let tokens: string;
let issued: Reply;
let path: string;

beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
  projectId = server.seeded.projects.alpha;
  tokens = `/v1/projects/${projectId}/tokens`;
});
afterAll(() => server.close());
beforeEach(async () => {
  issued = await server.call(admin, 'POST', tokens, { body: { name: 'pipeline', role: 'viewer' } });
  path = `${tokens}/${idOf(issued)}`;
});

const rename = (body: object, headers: Record<string, string> = {}, by = admin, query = '') =>
  server.call(by, 'PATCH', `${path}${query}`, { body, headers });
const show = async () => (await server.call(admin, 'GET', path)).body;
const head = async () => (await server.store.head()).position;
const actorOf = ({ body }: Reply) => (body['actor'] as { id: string }).id;

describe('the name of a token', () => {
  it('is changed by an admin of the project, and told to whoever uses it', async () => {
    const owner = await makeToken(server, projectId, 'admin');
    const renamed = await rename({ name: 'nightly' }, {}, owner);
    const { token, ...before } = issued.body;
    expect([renamed.status, renamed.body]).toEqual([200, { ...before, name: 'nightly' }]);
    expect(await show()).toEqual(renamed.body);
    expect((await server.call(String(token), 'GET', '/v1/me')).body).toMatchObject({ name: 'nightly' });
    const list = await server.call(admin, 'GET', `${tokens}?name=nightly`);
    expect(list.body['items']).toContainEqual(renamed.body);
  });

  it('is new in a version of the project, and its events do not tell it', async () => {
    const renamed = await rename({ name: 'Ada Lovelace' }, { 'if-match': issued.headers.get('etag') ?? '' });
    expect(renamed.headers.get('etag')).not.toBe(issued.headers.get('etag'));
    expect(renamed.headers.get('strata-position')).toMatch(/\.[0-9]+$/);
    const project = `/v1/projects/${projectId}`;
    const { headers } = await server.call(admin, 'GET', project, { headers: after(renamed) });
    expect(headers.get('etag')).toBe(renamed.headers.get('etag'));
    expect(refusalOf(await rename({ name: 'other' }, { 'if-match': issued.headers.get('etag') ?? '' }))).toEqual([
      412,
      '/problems/version-conflict',
    ]);
    const log = await server.store.read({ sight: everything, after: 0, limit: 10_000 });
    expect(log.filter(({ type }) => type === 'TokenRenamed').at(-1)?.data).toEqual({ tokenId: idOf(issued) });
    expect(JSON.stringify(log)).not.toContain('Ada');
  });

  it('is no news when it is left out, or the same', async () => {
    const position = await head();
    for (const body of [{}, { name: 'pipeline' }]) {
      const reply = await rename(body);
      expect([reply.status, reply.body['name'], reply.headers.get('etag')]).toEqual([
        ...[200, 'pipeline', issued.headers.get('etag')],
      ]);
    }
    expect(await head()).toBe(position);
  });

  it('is changed once under a key, also when another one came since', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await rename({ name: 'first' }, headers);
    expect((await rename({ name: 'second' })).body).toMatchObject({ name: 'second' });
    const again = await rename({ name: 'first' }, headers);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(again.body).toEqual({ ...first.body, name: 'second' });
    expect(refusalOf(await rename({ name: 'third' }, headers))).toEqual([422, '/problems/idempotency-mismatch']);
    expect(await show()).toMatchObject({ name: 'second' });
  });

  it('is kept by a repeated request where it had not been kept before', async () => {
    const headers = { 'idempotency-key': newId() };
    await rename({ name: 'nightly' }, headers);
    await server.people.remember(actorOf(issued), 'pipeline');
    expect((await rename({ name: 'nightly' }, headers)).body).toMatchObject({ name: 'nightly' });
  });

  it('is not brought back by a repeated request once it is forgotten', async () => {
    const headers = { 'idempotency-key': newId() };
    await rename({ name: 'Grace Hopper' }, headers);
    await server.people.forget(actorOf(issued));
    expect((await rename({ name: 'Grace Hopper' }, headers)).body).toMatchObject({ name: null });
  });

  it('is that of the last renaming, in whatever order they are kept, and of none once it is forgotten', async () => {
    const actorId = actorOf(issued);
    const position = await head();
    await server.people.rename(actorId, 'second', position + 2);
    await server.people.rename(actorId, 'first', position + 1);
    expect(await show()).toMatchObject({ name: 'second' });
    await server.people.forget(actorId);
    await server.people.rename(actorId, 'third', position + 3);
    expect(await show()).toMatchObject({ name: null });
  });

  it('stays with validateOnly', async () => {
    const verdict = await rename({ name: 'other' }, {}, admin, '?validateOnly=true');
    expect([verdict.status, verdict.body]).toEqual([200, { allowed: true, problems: [], quota: [] }]);
    expect(await show()).toMatchObject({ name: 'pipeline' });
  });

  it.each([
    [{ name: '' }, '/name'],
    [{ name: null }, '/name'],
    [{ name: 'a\u202eb' }, '/name'],
    [{ role: 'admin' }, '/role'],
  ])('is refused where a rule is broken: %j', async (body, pointer) => {
    expect((await rename(body)).body).toMatchObject({ status: 400, errors: [{ pointer }] });
    expect(await show()).toMatchObject({ name: 'pipeline', role: 'viewer' });
  });

  it('is that of a token that is there, for admins of its project', async () => {
    const missing = { role: 'admin', projectId };
    const { alpha: operator, beta: stranger } = server.tokens;
    expect((await rename({ name: 'x' }, {}, operator)).body).toMatchObject({ status: 403, missing });
    expect((await rename({ name: 'x' }, {}, stranger)).status).toBe(404);
    await server.call(admin, 'DELETE', path);
    for (const body of [{ name: 'x' }, {}]) expect((await rename(body)).status).toBe(404);
    const elsewhere = `/v1/projects/${server.seeded.projects.beta}/tokens/${idOf(issued)}`;
    expect((await server.call(admin, 'PATCH', elsewhere, { body: { name: 'x' } })).status).toBe(404);
    expect(await server.people.names([actorOf(issued)])).toEqual(new Map([[actorOf(issued), 'pipeline']]));
  });
});
