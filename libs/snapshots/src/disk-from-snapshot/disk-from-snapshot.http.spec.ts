import { codeOf, DiskProject, idOf, targetOf, wanted, type DiskServer } from '@strata/disks/contract';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSnapshotServer } from '../contract/snapshot-server.js';

let server: DiskServer;
let my: DiskProject;
let snapshotPath: string;

beforeAll(async () => {
  server = await startSnapshotServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
  snapshotPath = await taken();
});

const taken = async () => {
  const diskId = (await my.provisioned()).split('/').at(-1);
  const reply = await my.call('POST', `${my.path}/snapshots`, { diskId, name: 'before' });
  await server.provision(idOf(reply), `cloud-${targetOf(reply)}`);
  return `${my.path}/snapshots/${targetOf(reply)}`;
};
const snapshotId = () => snapshotPath.split('/').at(-1) ?? '';
const bodyOf = () => ({ ...wanted, source: { snapshotId: snapshotId() } });
const request = (change: object = {}) => my.request({ source: { snapshotId: snapshotId() }, ...change });
const blockersOf = ({ body }: Reply) => body['blockers'] as readonly { kind: string; id: string }[];

describe('a disk from a snapshot', () => {
  it('names it, and the snapshot stays until the disk is there', async () => {
    const reply = await request({ sizeGiB: 50 });
    expect(reply.status).toBe(202);
    const path = my.pathOf(reply);
    expect(await my.show(path)).toMatchObject({ status: 'creating', source: { snapshotId: snapshotId() } });
    expect(await my.show(snapshotPath)).toMatchObject({ status: 'available', allowedActions: ['update'] });
    for (const refused of [await my.call('DELETE', snapshotPath), await my.call('POST', `${snapshotPath}/rollback`)]) {
      expect([refused.status, codeOf(refused)]).toEqual([409, 'snapshot-in-use']);
      expect(blockersOf(refused)).toMatchObject([{ kind: 'disk', id: targetOf(reply) }]);
    }
    await server.accept(idOf(reply));
    const inherited = { bootable: true, encrypted: true };
    await server.end(idOf(reply), { end: 'succeeded', outcome: { cloudId: 'cloud-2', inherited } });
    const made = { status: 'available', source: { snapshotId: snapshotId() }, ...inherited };
    expect(await my.show(path)).toMatchObject(made);
    expect(await my.listed(`${my.path}/disks?id=${targetOf(reply)}`)).toMatchObject([made]);
    expect(await my.show(snapshotPath)).toMatchObject({ allowedActions: ['update', 'delete', 'roll-back'] });
    expect((await my.call('DELETE', snapshotPath)).status).toBe(202);
    expect(await my.show(path)).toMatchObject(made);
  });

  it('does not keep the snapshot when nothing came of it, and takes it again when it is tried again', async () => {
    const reply = await request();
    await server.fail(idOf(reply));
    expect(await my.show(snapshotPath)).toMatchObject({ allowedActions: ['update', 'delete', 'roll-back'] });
    const again = await my.call('POST', `/v1/operations/${idOf(reply)}/retry`);
    expect(again.status).toBe(202);
    expect(codeOf(await my.call('DELETE', snapshotPath))).toBe('snapshot-in-use');
    await server.provision(idOf(again), 'cloud-2');
    const deletion = await my.call('DELETE', snapshotPath);
    await server.accept(idOf(deletion));
    await server.end(idOf(deletion), { end: 'succeeded', outcome: {} });
  });

  it('is not tried again when the snapshot is gone or going', async () => {
    const reply = await request();
    await server.fail(idOf(reply));
    const deletion = await my.call('DELETE', snapshotPath);
    const retry = () => my.call('POST', `/v1/operations/${idOf(reply)}/retry`);
    expect(codeOf(await retry())).toBe('snapshot-busy');
    await server.accept(idOf(deletion));
    await server.end(idOf(deletion), { end: 'succeeded', outcome: {} });
    const refused = await retry();
    expect([refused.status, codeOf(refused), refused.body['snapshotStatus']]).toEqual([
      409,
      'snapshot-not-ready',
      'deleted',
    ]);
  });

  it('lets go of the snapshot when it is cancelled', async () => {
    const reply = await request();
    expect((await my.call('POST', `/v1/operations/${idOf(reply)}/cancel`)).status).toBe(202);
    expect((await my.call('DELETE', snapshotPath)).status).toBe(202);
  });

  it.each([
    ['smaller', { sizeGiB: 39 }, '/sizeGiB'],
    ['of another type', { type: 'SAS' }, '/type'],
    ['in another zone', { availabilityZone: 'eu-de-02' }, '/availabilityZone'],
  ])('is not %s', async (_, change, pointer) => {
    const refused = await request(change);
    expect([refused.status, codeOf(refused)]).toEqual([400, 'snapshot-does-not-fit']);
    expect(refused.body).toMatchObject({ leastGiB: 40, diskType: 'SSD', availabilityZone: 'eu-de-01' });
    expect(refused.body['errors']).toMatchObject([{ pointer }]);
  });

  it('is of an available snapshot of the same project', async () => {
    const other = await DiskProject.make(server);
    const elsewhere = await my.call('POST', `${other.path}/disks`, bodyOf(), {}, my.admin);
    const absent = await request({ source: { snapshotId: newId() } });
    for (const { body } of [elsewhere, absent])
      expect(body).toMatchObject({ status: 404, errors: [{ pointer: '/source/snapshotId' }] });
    expect(elsewhere.body['detail']).toBe(absent.body['detail']);
    const deletion = await my.call('DELETE', snapshotPath);
    expect(codeOf(await request())).toBe('snapshot-busy');
    await server.fail(idOf(deletion));
  });

  it('is foretold without a trace', async () => {
    const path = `${my.path}/disks?validateOnly=true`;
    const foretold = await my.call('POST', path, bodyOf());
    expect(foretold.body).toMatchObject({ allowed: true, plan: { disks: [{ source: { snapshotId: snapshotId() } }] } });
    expect(await my.show(snapshotPath)).toMatchObject({ allowedActions: ['update', 'delete', 'roll-back'] });
  });
});

describe('many disks from a snapshot', () => {
  const partsOf = async (reply: Reply) => my.listed(`${my.path}/operations?partOf=${idOf(reply)}&sort=createdAt`);

  it('hold it until the last of them has ended', async () => {
    const reply = await request({ count: 2 });
    const { ids } = reply.body['target'] as { ids: readonly string[] };
    expect(blockersOf(await my.call('DELETE', snapshotPath)).map(({ id }) => id)).toEqual(ids);
    const [first, second] = await partsOf(reply);
    await server.provision(String(first?.['id']), 'cloud-2');
    expect(codeOf(await my.call('DELETE', snapshotPath))).toBe('snapshot-in-use');
    await server.fail(String(second?.['id']));
    await gathered(reply);
    expect(await my.show(snapshotPath)).toMatchObject({ allowedActions: ['update', 'delete', 'roll-back'] });
    const again = await my.call('POST', `/v1/operations/${idOf(reply)}/retry`);
    expect(again.status).toBe(202);
    expect(blockersOf(await my.call('DELETE', snapshotPath))).toHaveLength(1);
  });

  it('are tried again together when both have failed', async () => {
    const reply = await request({ count: 2 });
    for (const part of await partsOf(reply)) await server.fail(String(part['id']));
    await gathered(reply);
    const again = await my.call('POST', `/v1/operations/${idOf(reply)}/retry`);
    expect(again.status).toBe(202);
    expect(blockersOf(await my.call('DELETE', snapshotPath))).toHaveLength(2);
  });

  it('let go of it when all of them are cancelled', async () => {
    const reply = await request({ count: 2 });
    expect((await my.call('POST', `/v1/operations/${idOf(reply)}/cancel`)).status).toBe(202);
    expect((await my.call('DELETE', snapshotPath)).status).toBe(202);
  });

  /** As a worker ends a batch whose parts have ended. */
  const gathered = async (reply: Reply) => {
    const parts = (await partsOf(reply)).map(({ target, status, error }) => ({
      ...{ id: (target as { id: string }).id, status, error },
    }));
    const error = {
      code: 'partial-failure',
      title: 'some',
      owner: 'you',
      remedy: 'retry',
      retryable: true,
      cloud: null,
    };
    await server.end(idOf(reply), { end: 'failed', error, left: { parts } } as Parameters<DiskServer['end']>[1]);
  };
});
