import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { after, idOf, makeProject, makeToken } from '../contract/making-projects.js';
import { TestServer } from '../contract/test-server.js';

let server: TestServer;
let admin: string;
let root: string;

beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
  root = server.seeded.projects.root;
});
afterAll(() => server.close());

describe('a project that is moved', () => {
  it('is listed below its new parent', async () => {
    const [from, to] = [idOf(await makeProject(server, 'from')), idOf(await makeProject(server, 'to'))];
    const moved = idOf(await makeProject(server, 'moved', from));
    const reply = await server.call(admin, 'PATCH', `/v1/projects/${moved}`, { body: { parentId: to } });
    expect([reply.status, reply.body['parentId']]).toEqual([200, to]);
    const list = await server.call(admin, 'GET', `/v1/projects?parentId=${to}`, { headers: after(reply) });
    expect(list.body['items']).toEqual([reply.body]);
  });

  it('does not go below itself', async () => {
    const outer = idOf(await makeProject(server, 'outer'));
    const inner = idOf(await makeProject(server, 'inner', outer));
    const reply = await server.call(admin, 'PATCH', `/v1/projects/${outer}`, { body: { parentId: inner } });
    expect(reply.body).toMatchObject({
      status: 409,
      type: '/problems/would-be-cycle',
      projectId: outer,
      parentId: inner,
    });
  });

  it('does not become a root again', async () => {
    const path = `/v1/projects/${idOf(await makeProject(server, 'inner'))}`;
    const reply = await server.call(admin, 'PATCH', path, { body: { parentId: null } });
    expect(reply.body).toMatchObject({
      status: 400,
      errors: [{ pointer: '/parentId', detail: 'cannot be removed: a project does not become a root again' }],
    });
  });

  it('asks for admin at both parents', async () => {
    const [from, to] = [idOf(await makeProject(server, 'from')), idOf(await makeProject(server, 'to'))];
    const moved = idOf(await makeProject(server, 'moved', from));
    const move = async (token: string, parentId = to) =>
      server.call(token, 'PATCH', `/v1/projects/${moved}`, { body: { parentId } });
    expect((await move(await makeToken(server, from, 'operator'))).status).toBe(403);
    expect((await move(await makeToken(server, moved, 'admin'))).body).toMatchObject({
      status: 403,
      missing: { role: 'admin', relation: 'parent' },
    });
    const ofFrom = await makeToken(server, from, 'admin');
    for (const nowhere of [await move(ofFrom), await move(ofFrom, newId()), await move(admin, newId())])
      expect(nowhere.body).toMatchObject({
        ...{ status: 404, type: '/problems/not-found', errors: [{ pointer: '/parentId' }] },
        detail: expect.stringContaining('/parentId'),
      });
    expect((await move(await makeToken(server, root, 'admin'))).status).toBe(200);
  });
});
