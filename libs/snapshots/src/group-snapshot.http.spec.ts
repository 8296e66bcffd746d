import { codeOf, DiskProject, idOf, type DiskServer } from '@strata/disks/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSnapshotServer } from './contract/snapshot-server.js';

let server: DiskServer;
let my: DiskProject;
let diskIds: readonly string[];

beforeAll(async () => {
  server = await startSnapshotServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
  diskIds = [lastOf(await my.provisioned()), lastOf(await my.provisioned())];
});

const lastOf = (path: string) => path.split('/').at(-1) ?? '';
const take = (change: object = {}) => my.call('POST', `${my.path}/snapshots`, { name: 'before', diskIds, ...change });
const partsOf = (operationId: string) => my.listed(`${my.path}/operations?partOf=${operationId}`);

describe('snapshots of several disks', () => {
  it('are one operation with a part for each, all held', async () => {
    const reply = await take();
    const { ids } = reply.body['target'] as { ids: readonly string[] };
    expect(reply).toMatchObject({ status: 202, body: { kind: 'snapshot.create', target: { type: 'snapshots' } } });
    expect(ids).toHaveLength(2);
    const listed = await my.listed(`${my.path}/snapshots?status=creating`);
    expect(new Set(listed.map(({ diskId }) => diskId))).toEqual(new Set(diskIds));
    const busy = await my.call('DELETE', `${my.path}/disks/${diskIds[0]}`);
    expect(busy.body['blockers']).toMatchObject([{ kind: 'operation', id: idOf(reply) }]);
    for (const { id } of await partsOf(idOf(reply))) await server.provision(String(id), `cloud-${String(id)}`);
    expect(await my.listed(`${my.path}/snapshots?status=available`)).toHaveLength(2);
  });

  it('tell of each with its disk, also when they were cancelled before any was begun', async () => {
    const { body } = await my.call('POST', `/v1/operations/${idOf(await take())}/cancel`);
    const verdict = { snapshotId: expect.any(String) as string, status: 'cancelled', error: null };
    const snapshots = diskIds.map((diskId) => ({ ...verdict, diskId }));
    expect(body).toMatchObject({ status: 'cancelled', result: { snapshots, skewMs: null } });
  });

  it('are all taken or none', async () => {
    await my.setLimits([{ dimension: 'snapshots', limit: 1 }]);
    expect(codeOf(await take())).toBe('quota-exceeded');
    await my.setLimits([]);
    const busy = await my.call('POST', `${my.path}/disks/${diskIds[1]}/extend`, { sizeGiB: 80 });
    const refused = await take();
    expect([codeOf(refused), refused.body['diskId']]).toEqual(['disk-busy', diskIds[1]]);
    expect(refused.body['blockers']).toMatchObject([{ kind: 'operation', id: idOf(busy) }]);
    expect(await my.listed(`${my.path}/snapshots`)).toEqual([]);
    const absent = newId();
    expect((await take({ diskIds: [diskIds[0], absent] })).body).toMatchObject({
      ...{ status: 404, type: '/problems/not-found', diskId: absent, errors: [{ pointer: '/diskIds/1' }] },
    });
    expect((await take({ diskIds: undefined, diskId: absent })).body).toMatchObject({
      ...{ status: 404, type: '/problems/not-found', errors: [{ pointer: '/diskId' }] },
      detail: expect.stringContaining('/diskId: names nothing that is there'),
    });
  });

  it('are asked for by disks that differ, and not beside one', async () => {
    expect((await take({ diskIds: [diskIds[0], diskIds[0]] })).status).toBe(400);
    expect((await take({ diskIds: [] })).status).toBe(400);
    expect((await take({ diskId: diskIds[0] })).body).toMatchObject({
      status: 400,
      detail: '/diskId: must not be given together with diskIds, /diskIds: must not be given together with diskId.',
      errors: [{ pointer: '/diskId' }, { pointer: '/diskIds' }],
    });
    expect((await my.call('POST', `${my.path}/snapshots`, { name: 'x' })).body).toMatchObject({
      ...{ status: 400, detail: '/diskId: is required, or diskIds instead of it.' },
    });
  });
});
