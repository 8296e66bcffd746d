import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';

let server: DiskServer;
let my: DiskProject;
let path: string;
beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
  path = await my.provisioned();
});

const imageId = '7a4f0c92-d15b-4e38-b6c0-2f9d81e7a354';
const request = (body: object = {}, by?: string) =>
  my.call('POST', `${path}/image`, { name: 'db 2026-03', ...body }, {}, by);

describe('an image of a disk', () => {
  it('is told by the operation when it is there; the disk is busy meanwhile', async () => {
    const reply = await request({ format: 'qcow2', os: 'windows' });
    expect(reply).toMatchObject({ status: 202, body: { kind: 'disk.image' } });
    expect(await my.show(path)).toMatchObject({ status: 'available', allowedActions: [] });
    expect(codeOf(await my.call('DELETE', path))).toBe('disk-busy');
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: { imageId } });
    const ended = await my.show(`/v1/operations/${idOf(reply)}`);
    const diskId = path.split('/').at(-1);
    expect(ended).toMatchObject({ status: 'succeeded', result: { diskId, imageId } });
    expect((await my.show(path))['allowedActions']).toContain('image');
  });

  it('can be tried again when it came to nothing', async () => {
    const reply = await request();
    await server.fail(idOf(reply));
    expect(await my.show(path)).toMatchObject({ status: 'available' });
    expect((await my.call('POST', `/v1/operations/${idOf(reply)}/retry`)).status).toBe(202);
  });

  it.each(['', ' db', 'db ', 'd/b', 'd'.repeat(129)])('is not named %j', async (name) => {
    const refused = await request({ name });
    expect([refused.status, codeOf(refused)]).toEqual([400, 'invalid-request']);
  });

  it('is not made for strangers, and not of what is not there', async () => {
    expect((await request({}, my.stranger)).status).toBe(404);
    const failed = await my.request();
    await server.fail(idOf(failed));
    path = my.pathOf(failed);
    expect(codeOf(await request())).toBe('disk-not-ready');
  });
});
