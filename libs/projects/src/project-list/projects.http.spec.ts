import type { Projection } from '@strata/event-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { after, idOf, makeProject, refusalOf } from '../contract/making-projects.js';
import { TestServer, type Reply } from '../contract/test-server.js';
import { bindingsView, projectsView } from '../index.js';

let server: TestServer;
let admin: string;
let alpha: string;

beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
  alpha = server.tokens.alpha;
});
afterAll(() => server.close());

const PageOfNames = z.object({ items: z.array(z.object({ name: z.string() })), nextCursor: z.string().nullable() });

describe('the list of projects', () => {
  it('has what the caller may view, and nothing else', async () => {
    const { position, incarnation } = await server.store.head();
    const headers = { 'strata-min-position': `${incarnation}.${position}` };
    const own = await server.call(alpha, 'GET', '/v1/projects', { headers });
    expect(own.body['items']).toMatchObject([{ id: server.seeded.projects.alpha, name: 'alpha', parentId: null }]);
  });

  it('comes in pages, in the order asked for', async () => {
    const parent = idOf(await makeProject(server, 'pages'));
    let last: Reply | undefined;
    for (const name of ['c', 'a', 'e', 'b', 'd']) last = await makeProject(server, name, parent);
    const headers = last ? after(last) : {};
    const names: unknown[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 3; page++) {
      const query = cursor === null ? `parentId=${parent}&sort=name&limit=2` : `cursor=${cursor}&limit=2`;
      const { status, body } = await server.call(admin, 'GET', `/v1/projects?${query}`, { headers });
      expect(status).toBe(200);
      const { items, nextCursor } = PageOfNames.parse(body);
      names.push(...items.map(({ name }) => name));
      cursor = nextCursor;
    }
    expect([names, cursor]).toEqual([['a', 'b', 'c', 'd', 'e'], null]);
  });

  it('refuses what it does not know', async () => {
    expect(refusalOf(await server.call(admin, 'GET', '/v1/projects?colour=red'))).toEqual([
      400,
      '/problems/invalid-request',
    ]);
    expect(refusalOf(await server.call(admin, 'GET', '/v1/projects?limit=501'))).toEqual([
      400,
      '/problems/invalid-request',
    ]);
    expect(refusalOf(await server.call(admin, 'GET', '/v1/projects?cursor=x'))).toEqual([
      400,
      '/problems/invalid-cursor',
    ]);
  });

  it.each([
    ['asOf=0000-01-01T00:00:00Z', 200],
    ['asOf=9999-12-31T23:59:59-12:00', 400],
    ['asOf=9999999999999999', 400],
    ['createdAt.gte=0000-01-01T00:00:00Z', 400],
    ['createdAt.lte=9999-12-31T23:59:59-12:00', 400],
    ['name=%00', 400],
    ['parentId=x', 400],
    ['id=x', 400],
    ['id=01930000-0000-7000-8000-0000000000ff', 200],
    ['sort=colour', 400],
  ])('answers %s with %i', async (query, status) => {
    expect((await server.call(admin, 'GET', `/v1/projects?${query}`)).status).toBe(status);
  });

  it.each([
    ['yesterday', 'must be a time (RFC 3339, as 2026-11-03T10:15:00Z) or a position, as `Strata-Position` tells it'],
    ['2026-11-03T10:15:00+02:00', 'must be a time (RFC 3339): the + of its offset is written as %2B in an address'],
    ['1&asOf=2', 'must be given once'],
    ['999999999', 'must be a position that the log has reached'],
    ['2999-01-01T00:00:00Z', 'must not lie in the future'],
  ])('says what is wrong with asOf=%s', async (asOf, rule) => {
    expect((await server.call(admin, 'GET', `/v1/projects?asOf=${asOf}`)).body).toMatchObject({
      ...{ status: 400, detail: `/query/asOf: ${rule}.`, errors: [{ pointer: '/query/asOf', detail: rule }] },
    });
  });

  it('takes the time of a clock that is a little ahead', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    expect((await server.call(admin, 'GET', `/v1/projects?asOf=${soon}`)).status).toBe(200);
  });

  it('waits for a position, not for one beyond the head', async () => {
    const { position, incarnation } = await server.store.head();
    const at = (n: number, log = incarnation) => ({ headers: { 'strata-min-position': `${log}.${n}` } });
    expect((await server.call(admin, 'GET', '/v1/projects', at(position))).status).toBe(200);
    expect((await server.call(admin, 'GET', '/v1/projects', at(position + 1_000))).status).toBe(400);
    expect((await server.call(admin, 'GET', '/v1/projects', at(1, 'other'))).status).toBe(410);
  });

  it('is shown as it was', async () => {
    const created = await makeProject(server, 'listed');
    const then = created.headers.get('strata-position') ?? '';
    const renamed = await server.call(admin, 'PATCH', `/v1/projects/${idOf(created)}`, { body: { name: 'renamed' } });
    const options = { headers: after(renamed) };
    expect((await server.call(admin, 'GET', '/v1/projects?name=listed', options)).body['items']).toEqual([]);
    const past = await server.call(admin, 'GET', `/v1/projects?name=listed&asOf=${then}`, options);
    expect(past.body['items']).toEqual([created.body]);
    expect(past.headers.get('strata-position')).toBe(then);
  });
});

describe('the views of projects and bindings', () => {
  it.each<[string, Projection]>([
    ['projects', projectsView],
    ['bindings', bindingsView],
  ])('come out the same when they are rebuilt from the log: %s', async (_, view) => {
    const { differences } = await server.rebuild(view);
    expect(differences.compared).toBeGreaterThan(0);
    expect(differences).toMatchObject({ different: 0, first: [] });
  });
});
