import { diskFact, diskStream } from '@strata/disks';
import { codeOf, DiskProject, idOf, targetOf, type DiskServer } from '@strata/disks/contract';
import { DiskId } from '@strata/kernel';
import { cloudFailed, WORKER_ACTOR } from '@strata/operations';
import { executeFact } from '@strata/projects';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSnapshotServer } from './contract/snapshot-server.js';

let server: DiskServer;
let my: DiskProject;
let diskPath: string;

beforeAll(async () => {
  server = await startSnapshotServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
  diskPath = await my.provisioned();
});

const busyThere = { code: 'EVS.1002', message: 'try again later', requestId: null };
const lastOf = (path: string) => path.split('/').at(-1) ?? '';
const taken = async (name = 'before') => {
  const reply = await my.call('POST', `${my.path}/snapshots`, { diskId: lastOf(diskPath), name });
  await server.provision(idOf(reply), `cloud-${targetOf(reply)}`);
  return `${my.path}/snapshots/${targetOf(reply)}`;
};
const remove = (query = 'cascade=true') => my.call('DELETE', `${diskPath}?${query}`);
const planned = async () => {
  const { body } = await remove('cascade=true&validateOnly=true');
  return body['plan'] as { readonly planHash: string; readonly steps: readonly object[] };
};
/** A sweep sees one on the disk that Strata did not make, or sees it no more. */
const theirs = (there: boolean) =>
  executeFact(server.server.store, {
    streams: [diskStream(DiskId.parse(lastOf(diskPath)))],
    meta: { actorId: WORKER_ACTOR },
    decide: ({ streams: [disk] }) =>
      disk && { streams: diskFact(disk, { type: 'RecordForeignSnapshot', cloudId: 'theirs', there }) },
  });
/** In the order in which they go. */
const partsOf = async (operationId: string) =>
  (await my.listed(`${my.path}/operations?partOf=${operationId}`)).toSorted(
    (a, b) => Number(a['kind'] === 'disk.delete') - Number(b['kind'] === 'disk.delete'),
  );
const partOn = async (operationId: string, path: string) => {
  const part = (await partsOf(operationId)).find(({ target }) => (target as { id: string }).id === lastOf(path));
  return String(part?.['id']);
};
const carriedOut = async (operationId: string) => {
  await server.accept(operationId);
  await server.end(operationId, { end: 'succeeded', outcome: {} });
};
const figures = async () => {
  const { body } = await my.call('GET', `${my.path}/quota`);
  const dimensions = body['dimensions'] as { dimension: string; held: number; used: number; releasing: number }[];
  return dimensions
    .filter(({ dimension }) => ['disks', 'snapshots', 'gigabytes'].includes(dimension))
    .map(({ dimension, held, used, releasing }) => [dimension, held, used, releasing]);
};

describe('deleting a disk with its snapshots', () => {
  it('is told beforehand as an ordered plan, and writes nothing', async () => {
    const [first, second] = [await taken('s1'), await taken('s2')];
    const reply = await remove('cascade=true&validateOnly=true');
    expect(reply).toMatchObject({ status: 200, body: { allowed: true, problems: [] } });
    expect(reply.body['plan']).toEqual({
      kind: 'disk.delete',
      deletesAt: null,
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      steps: [
        { action: 'delete', type: 'snapshot', id: lastOf(first), name: 's1', sizeGiB: 40 },
        { action: 'delete', type: 'snapshot', id: lastOf(second), name: 's2', sizeGiB: 40 },
        { action: 'delete', type: 'disk', id: lastOf(diskPath), name: 'db', sizeGiB: 40 },
      ],
    });
    expect(await my.show(diskPath)).toMatchObject({ status: 'available' });
  });

  it('releases all at once, as one operation with a part for each', async () => {
    const snapshot = await taken();
    const reply = await remove();
    expect(reply).toMatchObject({
      status: 202,
      body: { kind: 'disk.delete', target: { type: 'disk', id: lastOf(diskPath) }, status: 'queued' },
    });
    expect(await my.show(diskPath)).toMatchObject({ status: 'deleting' });
    expect(await my.show(snapshot)).toMatchObject({ status: 'deleting' });
    expect(await figures()).toEqual([
      ['disks', 0, 0, 1],
      ['gigabytes', 0, 0, 80],
      ['snapshots', 0, 0, 1],
    ]);
    expect((await partsOf(idOf(reply))).map(({ kind }) => kind)).toEqual(['snapshot.delete', 'disk.delete']);
    const busy = await my.call('DELETE', snapshot);
    expect(busy.body['blockers']).toMatchObject([{ kind: 'operation', id: idOf(reply) }]);
    await carriedOut(await partOn(idOf(reply), snapshot));
    expect((await my.call('GET', snapshot)).status).toBe(404);
    await carriedOut(await partOn(idOf(reply), diskPath));
    expect((await my.call('GET', diskPath)).status).toBe(404);
    expect(await figures()).toEqual([
      ['disks', 0, 0, 0],
      ['gigabytes', 0, 0, 0],
      ['snapshots', 0, 0, 0],
    ]);
  });

  it('is refused to who has seen another plan', async () => {
    await taken('s1');
    const { planHash } = await planned();
    await taken('s2');
    const refused = await remove(`cascade=true&planHash=${planHash}`);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'plan-changed']);
    const now = (await planned()).planHash;
    expect(refused.body['planHash']).toBe(now);
    expect((await remove(`cascade=true&planHash=${now}`)).status).toBe(202);
    expect((await remove('cascade=true&planHash=x')).status).toBe(400);
  });

  it('is offered where it is the only way, and is then accepted', async () => {
    expect((await my.show(diskPath))['allowedActions']).toContain('delete');
    await taken();
    const { allowedActions } = await my.show(diskPath);
    expect(allowedActions).toContain('delete-cascade');
    expect(allowedActions).not.toContain('delete');
    expect(await my.listed(`${my.path}/disks`)).toMatchObject([{ allowedActions }]);
    expect(codeOf(await remove('cascade=false'))).toBe('has-snapshots');
    expect((await remove()).status).toBe(202);
  });

  it('names what stands against it', async () => {
    const snapshot = await taken();
    expect(codeOf(await remove('cascade=false'))).toBe('has-snapshots');
    const rollback = await my.call('PATCH', snapshot, { name: 'other' });
    const refused = await remove();
    expect([refused.status, codeOf(refused)]).toEqual([409, 'snapshots-not-deletable']);
    expect(refused.body['blockers']).toMatchObject([{ kind: 'operation', id: idOf(rollback) }]);
    const verdict = await remove('cascade=true&validateOnly=true');
    expect(verdict.body).toMatchObject({ allowed: false, problems: [{ type: '/problems/snapshots-not-deletable' }] });
  });

  it('is not recommended where it would not take all of them: the remedy is that of those', async () => {
    const snapshot = await taken();
    await theirs(true);
    for (const refused of [await remove('cascade=false'), await remove()]) {
      expect([refused.status, codeOf(refused)]).toEqual([409, 'has-snapshots']);
      expect(refused.body['foreign']).toMatchObject([{ kind: 'snapshot', id: 'theirs' }]);
      expect(refused.body['detail']).toMatch(
        /^Strata did not make snapshot theirs, .* approve their removal .* in the cloud/,
      );
      expect(refused.body['detail']).not.toContain('cascade');
    }
    await theirs(false);
    const refused = await remove('cascade=false');
    expect(refused.body['detail']).toBe(
      `Delete first snapshot ${lastOf(snapshot)}, or all together with \`cascade=true\`.`,
    );
  });

  it('is not offered, and refused by name, while one of them is such that only the vendor can mend it', async () => {
    const snapshot = await taken();
    const deletion = await my.call('DELETE', snapshot);
    await server.accept(idOf(deletion));
    await server.end(idOf(deletion), {
      end: 'failed',
      error: cloudFailed(busyThere),
      left: { broken: true, cloudStatus: 'error_deleting' },
    });
    expect(await my.show(snapshot)).toMatchObject({
      ...{ status: 'error', allowedActions: [], cloud: { status: 'error_deleting' } },
    });
    expect((await my.show(diskPath))['allowedActions']).not.toContain('delete-cascade');
    const blockers = [
      { kind: 'snapshot', id: lastOf(snapshot), reason: 'only the vendor of the cloud can mend it' },
    ] as const;
    const again = await my.call('POST', `/v1/operations/${idOf(deletion)}/retry`);
    for (const refused of [again, await my.call('DELETE', snapshot), await remove(), await remove('cascade=false')]) {
      expect([refused.status, codeOf(refused)]).toEqual([409, 'snapshot-stuck']);
      expect(refused.body['blockers']).toEqual(blockers);
      expect(refused.body['detail']).not.toContain('cascade');
    }
    const verdict = await remove('cascade=true&validateOnly=true');
    expect(verdict.body).toMatchObject({ allowed: false, problems: [{ type: '/problems/snapshot-stuck', blockers }] });
  });

  it('is that of the disk alone where it has none', async () => {
    const { steps } = await planned();
    expect(steps).toHaveLength(1);
    const reply = await remove();
    expect(await partsOf(idOf(reply))).toEqual([]);
    await carriedOut(idOf(reply));
    expect((await my.call('GET', diskPath)).status).toBe(404);
  });

  it('keeps all of it when it is cancelled before anything was begun', async () => {
    const snapshot = await taken();
    const reply = await remove();
    const cancelled = await my.call('POST', `/v1/operations/${idOf(reply)}/cancel`);
    const verdict = { status: 'cancelled', error: null };
    const [diskId, snapshotId] = [lastOf(diskPath), lastOf(snapshot)];
    const result = { diskId, snapshots: [{ snapshotId, ...verdict }], disks: [{ diskId, ...verdict }] };
    expect(cancelled).toMatchObject({ status: 202, body: { status: 'cancelled', result } });
    expect(await my.show(diskPath)).toMatchObject({ status: 'available' });
    expect(await my.show(snapshot)).toMatchObject({ status: 'available' });
    expect(await figures()).toEqual([
      ['disks', 0, 1, 0],
      ['gigabytes', 0, 80, 0],
      ['snapshots', 0, 1, 0],
    ]);
  });

  it('keeps the disk from what its snapshots stand against when it is cancelled while one is going', async () => {
    const [first, second] = [await taken('s1'), await taken('s2')];
    const reply = await remove();
    const going = await partOn(idOf(reply), first);
    await server.accept(going);
    expect((await my.call('POST', `/v1/operations/${idOf(reply)}/cancel`)).status).toBe(202);
    expect(await my.show(second)).toMatchObject({
      status: 'available',
      allowedActions: ['update', 'delete', 'roll-back'],
    });
    const disk = await my.show(diskPath);
    expect(disk['status']).toBe('available');
    for (const action of ['retype', 'delete', 'delete-cascade']) expect(disk['allowedActions']).not.toContain(action);
    const refused = await my.call('POST', `${diskPath}/retype`, { type: 'ESSD' });
    expect(codeOf(refused)).toBe('snapshot-leaving');
    expect(refused.body['blockers']).toMatchObject([{ kind: 'snapshot', id: lastOf(first) }]);
    await server.end(going, { end: 'failed', error: cloudFailed(busyThere), left: {} });
    await server.gather(idOf(reply));
    expect((await my.show(diskPath))['allowedActions']).toContain('retype');
    const again = await my.call('POST', `/v1/operations/${idOf(reply)}/retry`);
    await carriedOut(await partOn(idOf(again), first));
    await carriedOut(await partOn(idOf(again), second));
    await carriedOut(await partOn(idOf(again), diskPath));
    expect((await my.call('GET', diskPath)).status).toBe(404);
  });

  it('waits with all of it in a project with hours of grace, and gives all of it back', async () => {
    await my.call('PATCH', my.path, { graceHours: 4 }, {}, my.admin);
    const snapshot = await taken();
    const reply = await remove();
    expect(reply.body).toMatchObject({ status: 'queued', waitingFor: 'window', cancelability: 'now' });
    for (const { waitingFor } of await partsOf(idOf(reply))) expect(waitingFor).toBe('window');
    expect(await my.show(diskPath)).toMatchObject({ deletesAt: expect.any(String) as unknown });
    const back = await my.call('POST', `${diskPath}/undelete`);
    expect(back).toMatchObject({ status: 202, body: { id: idOf(reply), status: 'cancelled' } });
    expect(await my.show(diskPath)).toMatchObject({ status: 'available' });
    expect(await my.show(snapshot)).toMatchObject({ status: 'available' });
  });

  it('is 404 for strangers and under another project', async () => {
    const other = await DiskProject.make(server);
    const elsewhere = diskPath.replace(my.projectId, other.projectId);
    expect((await my.call('DELETE', `${elsewhere}?cascade=true`, undefined, {}, my.admin)).status).toBe(404);
    expect((await my.call('DELETE', `${diskPath}?cascade=true`, undefined, {}, my.stranger)).status).toBe(404);
  });
});
