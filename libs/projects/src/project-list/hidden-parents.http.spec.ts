import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { after, idOf, makeProject, makeToken } from '../contract/making-projects.js';
import { TestServer, type Reply } from '../contract/test-server.js';

let server: TestServer;
let admin: string;
let root: string;

beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
  root = server.seeded.projects.root;
});
afterAll(() => server.close());

const newProject = async (name: string, parentId = root) => idOf(await makeProject(server, name, parentId));

const read = async (token: string, id: string, query = '') =>
  (await server.call(token, 'GET', `/v1/projects/${id}${query}`)).body;

const list = async (token: string, query: string, last: Reply) =>
  (await server.call(token, 'GET', `/v1/projects?${query}`, { headers: after(last) })).body['items'];

const moveTo = async (id: string, parentId: string) => {
  const moved = await server.call(admin, 'PATCH', `/v1/projects/${id}`, { body: { parentId } });
  expect(moved.status).toBe(200);
  return moved;
};

describe('the parent of a project', () => {
  it('is not told by a move to where it lies already', async () => {
    const [parent, other] = [await newProject('guessed'), await newProject('not-guessed')];
    const inner = await newProject('of-guessed', parent);
    const owner = await makeToken(server, inner, 'admin');
    const move = async (parentId: string, query = '') => {
      const { status, body } = await server.call(owner, 'PATCH', `/v1/projects/${inner}${query}`, {
        body: { parentId },
      });
      return [status, body['type'], body['missing'], body['allowed']];
    };
    const told = await move(other);
    expect(told[0]).toBe(403);
    expect([await move(parent), await move(newId())]).toEqual([told, told]);
    expect(await move(parent, '?validateOnly=true')).toEqual(await move(other, '?validateOnly=true'));
    const above = await makeToken(server, parent, 'admin');
    const again = await server.call(above, 'PATCH', `/v1/projects/${inner}`, { body: { parentId: parent } });
    expect([again.status, again.body['parentId']]).toEqual([200, parent]);
  });

  it('is shown to who may view it by a grant above it', async () => {
    const outer = await newProject('outer');
    const team = await newProject('team', outer);
    const created = await makeProject(server, 'inner', team);
    const inner = idOf(created);
    const ofOuter = await makeToken(server, outer, 'viewer');
    expect(await read(ofOuter, inner)).toMatchObject({ parentId: team });
    expect(await list(ofOuter, `name=inner&parentId=${team}`, created)).toMatchObject([{ parentId: team }]);
  });

  it('is not shown as it was to who may not view it now', async () => {
    const [before, since] = [await newProject('before'), await newProject('since')];
    const moving = await makeProject(server, 'moving-away', before);
    const viewer = await makeToken(server, since, 'viewer');
    const moved = await moveTo(idOf(moving), since);
    const asOf = `asOf=${moving.headers.get('strata-position') ?? ''}`;
    expect(await read(viewer, idOf(moving))).toMatchObject({ parentId: since });
    expect(await read(viewer, idOf(moving), `?${asOf}`)).toMatchObject({ parentId: null });
    expect(await list(viewer, `name=moving-away&${asOf}`, moved)).toMatchObject([{ parentId: null }]);
    expect(await list(admin, `name=moving-away&${asOf}`, moved)).toMatchObject([{ parentId: before }]);
  });

  it('is shown as it was also when it is gone', async () => {
    const outer = await newProject('outer');
    const gone = await newProject('gone', outer);
    const child = await makeProject(server, 'child', gone);
    const viewer = await makeToken(server, outer, 'viewer');
    await moveTo(idOf(child), outer);
    expect((await server.call(admin, 'DELETE', `/v1/projects/${gone}`)).status).toBe(204);
    const asOf = `?asOf=${child.headers.get('strata-position') ?? ''}`;
    expect(await read(viewer, idOf(child), asOf)).toMatchObject({ parentId: gone });
  });

  it('is confirmed by no filter to those to whom it is not shown', async () => {
    const outer = await newProject('outer');
    const created = await makeProject(server, 'inner', outer);
    const viewer = await makeToken(server, idOf(created), 'viewer');
    expect(await list(viewer, 'limit=5', created)).toMatchObject([{ id: idOf(created), parentId: null }]);
    for (const hidden of [outer, root, newId()]) expect(await list(viewer, `parentId=${hidden}`, created)).toEqual([]);
    expect(await list(viewer, `parentId=${newId()}&parentId=${outer}`, created)).toEqual([]);
    const ofOuter = await makeToken(server, outer, 'viewer');
    expect(await list(ofOuter, `parentId=${outer}`, created)).toMatchObject([{ id: idOf(created), parentId: outer }]);
    expect(await list(ofOuter, `parentId=${root}`, created)).toEqual([]);
  });

  it('is found by a filter on every page', async () => {
    const outer = await newProject('outer');
    await newProject('one', outer);
    const last = await makeProject(server, 'two', outer);
    const viewer = await makeToken(server, outer, 'viewer');
    const path = `/v1/projects?limit=1&sort=name`;
    const first = await server.call(viewer, 'GET', `${path}&parentId=${outer}`, { headers: after(last) });
    const cursor = String(first.body['nextCursor']);
    const second = await server.call(viewer, 'GET', `/v1/projects?limit=1&cursor=${cursor}`);
    expect([first.body['items'], second.body['items']]).toMatchObject([[{ name: 'one' }], [{ name: 'two' }]]);
  });
});
