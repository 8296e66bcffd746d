import { afterAll, beforeAll, expect, it } from 'vitest';
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
