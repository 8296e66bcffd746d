import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskProject, idOf } from './contract/disk-project.js';
import { DiskServer } from './contract/disk-server.js';

let server: DiskServer;
beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());

it('a project that is gone shows no list, also of what stays in the log', async () => {
  const project = await DiskProject.make(server);
  const path = await project.provisioned();
  const offered = await project.call('POST', `${path}/transfers`);
  await project.call('DELETE', `${project.path}/transfers/${idOf(offered)}`);
  const deleted = await project.call('DELETE', path);
  await server.end(idOf(deleted), { end: 'succeeded', outcome: {} });
  const lists = ['disks', 'operations', 'transfers'].map((name) => `${project.path}/${name}`);
  const statuses = () =>
    Promise.all(lists.map(async (list) => (await project.call('GET', list, undefined, {}, project.admin)).status));
  await project.listed(`${project.path}/disks`, project.admin);
  expect(await statuses()).toEqual([200, 200, 200]);
  const gone = await project.call('DELETE', project.path, undefined, {}, project.admin);
  expect(gone.status).toBe(204);
  expect(await statuses()).toEqual([404, 404, 404]);
});

const lists = ['disks', 'operations', 'transfers', 'events'];

/** A project that is gone, with the position of one moment before it was there, of two in between, and of one after. */
const goneProject = async () => {
  const { position: before } = await server.server.store.head();
  const project = await DiskProject.make(server);
  const path = await project.provisioned();
  const offered = await project.call('POST', `${path}/transfers`);
  const then = String(offered.headers.get('strata-position'));
  await project.call('DELETE', `${project.path}/transfers/${idOf(offered)}`);
  const deleted = await project.call('DELETE', path);
  await server.end(idOf(deleted), { end: 'succeeded', outcome: {} });
  await project.listed(`${project.path}/disks`, project.admin);
  const { position: last } = await server.server.store.head();
  const deletion = await project.call('DELETE', project.path, undefined, {}, project.admin);
  expect(deletion.status).toBe(204);
  return { project, path, before, then, last, after: String(deletion.headers.get('strata-position')) };
};

describe('a project that is gone', () => {
  let gone: Awaited<ReturnType<typeof goneProject>>;
  let viewer: string;
  beforeAll(async () => {
    gone = await goneProject();
    const body = { name: 'viewer', role: 'viewer' };
    const tokens = `/v1/projects/${server.server.seeded.projects.root}/tokens`;
    viewer = String((await gone.project.call('POST', tokens, body, {}, gone.project.admin)).body['token']);
  });

  const get = (path: string, by = viewer, headers: Record<string, string> = {}) =>
    gone.project.call('GET', path, undefined, headers, by);
  const statuses = (query: string, by?: string, headers: Record<string, string> = {}) =>
    Promise.all(lists.map(async (list) => (await get(`${gone.project.path}/${list}?${query}`, by, headers)).status));

  it('shows with asOf what was in it, to those who may still view where it was', async () => {
    const { project, path, then } = gone;
    const id = path.split('/').at(-1);
    for (const by of [viewer, project.admin]) {
      const [disks, operations, transfers, events] = await Promise.all(
        lists.map(async (list) => (await get(`${project.path}/${list}?asOf=${then}&limit=500`, by)).body['items']),
      );
      expect(disks).toEqual([(await get(`${path}?asOf=${then}`, by)).body]);
      expect(disks).toMatchObject([{ id, status: 'awaiting-transfer' }]);
      expect(operations).toMatchObject([{ kind: 'disk.create', status: 'succeeded' }]);
      expect(transfers).toMatchObject([{ diskId: id, status: 'offered' }]);
      expect(events).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'ProjectCreated' })]));
      expect((events as { position: number }[]).at(-1)?.position).toBe(Number(then.split('.').at(-1)));
    }
  });

  it('shows it page by page', async () => {
    for (const list of ['operations', 'events']) {
      const first = await get(`${gone.project.path}/${list}?asOf=${gone.last}&limit=1`);
      expect(first.body['items']).toHaveLength(1);
      const second = await get(`${gone.project.path}/${list}?cursor=${String(first.body['nextCursor'])}&limit=1`);
      expect([second.status, second.body['items']]).toEqual([200, [expect.anything()]]);
    }
  });

  it('is there no more as of its deletion, and now', async () => {
    const none = lists.map(() => 404);
    expect(await statuses(`asOf=${gone.after}`)).toEqual(none);
    expect(await statuses('')).toEqual(none);
    expect(await statuses('', gone.project.admin)).toEqual(none);
    const stream = { accept: 'text/event-stream' };
    expect((await get(`${gone.project.path}/events`, viewer, stream)).status).toBe(404);
  });

  it('is not seen with asOf by those who see nothing of it', async () => {
    const none = lists.map(() => 404);
    for (const query of [`asOf=${gone.then}`, 'asOf=999999999', 'cursor=x']) {
      expect(await statuses(query, gone.project.stranger)).toEqual(none);
    }
    expect(await statuses(`asOf=${gone.then}`, gone.project.stranger, { 'strata-min-position': gone.then })).toEqual(
      none,
    );
    const seen = lists.map(() => 200);
    expect(await statuses(`asOf=${gone.then}`, viewer, { 'strata-min-position': gone.then })).toEqual(seen);
  });

  it('is as an absent one before it was made', async () => {
    const absent = `/v1/projects/${newId()}`;
    for (const by of [viewer, gone.project.admin]) {
      for (const list of [...lists, 'quota', 'tokens', 'quota/limits']) {
        for (const asOf of [gone.before, '2020-01-01T00:00:00Z']) {
          const { status, body } = await get(`${gone.project.path}/${list}?asOf=${asOf}`, by);
          const { body: of } = await get(`${absent}/${list}?asOf=${asOf}`, by);
          expect([list, status, body['type'], body['detail']]).toEqual([list, 404, of['type'], of['detail']]);
        }
      }
    }
  });
});

it('a project that is there is as an absent one before it was made', async () => {
  const { position: before } = await server.server.store.head();
  const project = await DiskProject.make(server);
  await project.provisioned();
  for (const list of [...lists, 'quota', 'quota/limits']) {
    const read = (asOf: number | string) => project.call('GET', `${project.path}/${list}?asOf=${asOf}`);
    expect([list, (await read(before)).status, (await read(before + 1)).status]).toEqual([list, 404, 200]);
  }
});
