import { codeOf, DiskProject, idOf, targetOf, type DiskServer } from '@strata/disks/contract';
import { WORKER_ACTOR } from '@strata/operations';
import { executeFact } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSnapshotServer } from './contract/snapshot-server.js';
import { snapshotFact, snapshotOf, snapshotStream } from './snapshot/snapshot.stream.js';

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

const diskId = () => diskPath.split('/').at(-1) ?? '';
const take = (change: object = {}) =>
  my.call('POST', `${my.path}/snapshots`, { diskId: diskId(), name: 'before', ...change });
const taken = async (change: object = {}) => {
  const reply = await take(change);
  await server.provision(idOf(reply), `cloud-${targetOf(reply)}`);
  return `${my.path}/snapshots/${targetOf(reply)}`;
};
const carriedOut = async (operationId: string) => {
  await server.accept(operationId);
  await server.end(operationId, { end: 'succeeded', outcome: {} });
};
const figures = async () => {
  const { body } = await my.call('GET', `${my.path}/quota`);
  const dimensions = body['dimensions'] as { dimension: string; held: number; used: number; releasing: number }[];
  const of = (name: string) => {
    const { held, used, releasing } = dimensions.find(({ dimension }) => dimension === name) ?? {};
    return [held ?? 0, used ?? 0, releasing ?? 0];
  };
  return { snapshots: of('snapshots'), gigabytes: of('gigabytes'), ofType: of('gigabytes:SSD') };
};

describe('a snapshot', () => {
  it('is requested of a disk, held, and used once it is there', async () => {
    const reply = await take({ description: 'a', metadata: { k: 'v' } });
    expect(reply).toMatchObject({
      status: 202,
      body: { kind: 'snapshot.create', target: { type: 'snapshot' }, result: { snapshotId: targetOf(reply) } },
    });
    const path = `${my.path}/snapshots/${targetOf(reply)}`;
    expect(await my.show(path)).toMatchObject({
      ...{ diskId: diskId(), name: 'before', description: 'a', sizeGiB: 40, metadata: { k: 'v' } },
      ...{ status: 'creating', allowedActions: [], cloud: null },
    });
    expect(await figures()).toEqual({ snapshots: [1, 0, 0], gigabytes: [40, 40, 0], ofType: [40, 40, 0] });
    await server.provision(idOf(reply), 'cloud-1');
    expect(await my.show(path)).toMatchObject({
      ...{ status: 'available', statusReason: null, cloud: { id: 'cloud-1', status: 'available' } },
      allowedActions: ['update', 'delete', 'roll-back'],
    });
    expect(await figures()).toEqual({ snapshots: [0, 1, 0], gigabytes: [0, 80, 0], ofType: [0, 80, 0] });
  });

  it('keeps its disk busy while it is made', async () => {
    const reply = await take();
    const second = await take();
    expect([second.status, codeOf(second)]).toEqual([409, 'disk-busy']);
    expect(second.body['blockers']).toMatchObject([{ kind: 'operation', id: idOf(reply) }]);
  });

  it('keeps its disk from being offered, which is not told how to delete both', async () => {
    const path = await taken();
    const offer = await my.call('POST', `${diskPath}/transfers`);
    const deletion = await my.call('DELETE', diskPath);
    expect([codeOf(offer), codeOf(deletion)]).toEqual(['has-snapshots', 'has-snapshots']);
    expect(offer.body['detail']).toContain(path.split('/').at(-1));
    expect(offer.body['detail']).not.toContain('cascade');
    expect(deletion.body['detail']).toContain('cascade=true');
  });

  it('keeps its disk from being deleted until it is gone', async () => {
    const path = await taken();
    const refused = await my.call('DELETE', diskPath);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'has-snapshots']);
    expect(refused.body['blockers']).toMatchObject([{ kind: 'snapshot', id: path.split('/').at(-1) }]);
    const deletion = await my.call('DELETE', path);
    expect(await my.show(path)).toMatchObject({ status: 'deleting' });
    expect(await figures()).toMatchObject({ snapshots: [0, 0, 1], gigabytes: [0, 40, 40] });
    await carriedOut(idOf(deletion));
    expect((await my.call('GET', path)).status).toBe(404);
    expect(await figures()).toMatchObject({ snapshots: [0, 0, 0], gigabytes: [0, 40, 0] });
    expect((await my.call('DELETE', diskPath)).status).toBe(202);
  });

  it('is one of seven at most', async () => {
    for (let nth = 1; nth <= 7; nth++) await taken({ name: `s${nth}` });
    const eighth = await take();
    expect([eighth.status, codeOf(eighth), eighth.body['most']]).toEqual([409, 'too-many-snapshots', 7]);
  });

  it('stays in error without a cloud when nothing came of it, uncharged, and can be tried again', async () => {
    const reply = await take();
    await server.fail(idOf(reply));
    const path = `${my.path}/snapshots/${targetOf(reply)}`;
    expect(await my.show(path)).toMatchObject({ status: 'error', cloud: null, allowedActions: ['delete'] });
    expect(await figures()).toMatchObject({ snapshots: [0, 0, 0], gigabytes: [0, 40, 0] });
    const retried = await my.call('POST', `/v1/operations/${idOf(reply)}/retry`);
    expect(retried.status).toBe(202);
    await server.provision(idOf(retried), 'cloud-2');
    expect(await my.show(path)).toMatchObject({ status: 'available', cloud: { id: 'cloud-2' } });
    expect(await figures()).toMatchObject({ snapshots: [0, 1, 0], gigabytes: [0, 80, 0] });
  });

  it('that never came to be is deleted at once', async () => {
    const reply = await take();
    await server.fail(idOf(reply));
    const path = `${my.path}/snapshots/${targetOf(reply)}`;
    expect((await my.call('DELETE', path)).body['status']).toBe('succeeded');
    expect((await my.call('GET', path)).status).toBe(404);
  });

  it('is over quota like a disk of its size', async () => {
    await my.setLimits([{ dimension: 'gigabytes', limit: 79 }]);
    const reply = await take();
    expect([reply.status, codeOf(reply)]).toEqual([409, 'quota-exceeded']);
    expect(await my.show(diskPath)).toMatchObject({ allowedActions: expect.arrayContaining(['snapshot']) as unknown });
  });

  it('has no two keys that the cloud could take for each other', async () => {
    const fault = (pointer: string) => ({ status: 400, body: { errors: [{ pointer }] } });
    expect(await take({ metadata: { Team: '1', team: '2' } })).toMatchObject(fault('/metadata/team'));
    const path = await taken({ metadata: { Team: '1' } });
    expect(await my.call('PATCH', path, { metadata: { team: '2' } })).toMatchObject(fault('/metadata/team'));
    expect(await my.call('PATCH', path, { metadata: { a: '2', á: '2' } })).toMatchObject(fault('/metadata/á'));
    expect((await my.call('PATCH', path, { metadata: { Team: null, team: '2' } })).status).toBe(202);
  });

  it('is cleared of what is the user’s, and neither Strata’s nor the cloud’s in whatever spelling', async () => {
    const path = await taken({ metadata: { note: '1' } });
    const others = { 'Strata.Marker': 'x', ReadOnly: 'True' };
    const { store } = server.server;
    await executeFact(store, {
      streams: [snapshotStream(path.split('/').at(-1) ?? '')],
      meta: { actorId: WORKER_ACTOR },
      decide: ({ streams: [loaded] }) => {
        const snapshot = loaded && snapshotOf(loaded);
        if (!loaded || snapshot?.life !== 'in-cloud') throw new Error('no snapshot in the cloud');
        const { cloudId, condition, name, description, metadata, projectId } = snapshot;
        const sighting = { cloudId, condition, name, description, metadata: { ...metadata, ...others } };
        return { streams: snapshotFact(projectId, loaded, { type: 'RecordSeen', sighting }) };
      },
    });
    const reply = await my.call('PATCH', path, { metadata: null });
    await carriedOut(idOf(reply));
    expect((await my.show(path))['metadata']).toEqual(others);
  });

  it('is renamed and described', async () => {
    const path = await taken({ metadata: { a: '1', b: '2' } });
    const reply = await my.call('PATCH', path, { name: 'after', metadata: { a: null } });
    await carriedOut(idOf(reply));
    expect(await my.show(path)).toMatchObject({ name: 'after', metadata: { b: '2' } });
    expect((await my.call('PATCH', path, { name: 'after' })).body['status']).toBe('succeeded');
    expect((await my.call('PATCH', path, { name: 'autobk_snapshot_1' })).status).toBe(400);
  });

  it('is 404 for strangers, under another project, and of a disk that is not there', async () => {
    const path = await taken();
    expect((await my.call('GET', path, undefined, {}, my.stranger)).status).toBe(404);
    expect((await my.call('POST', `${path}/rollback`, undefined, {}, my.stranger)).status).toBe(404);
    const other = await DiskProject.make(server);
    const elsewhere = path.replace(my.projectId, other.projectId);
    for (const [method, each] of [
      ['GET', elsewhere],
      ['DELETE', elsewhere],
      ['POST', `${elsewhere}/rollback`],
    ] as const)
      expect((await my.call(method, each, undefined, {}, my.admin)).status).toBe(404);
    expect((await take({ diskId: newId() })).status).toBe(404);
    const foreign = await my.call('POST', `${other.path}/snapshots`, { diskId: diskId(), name: 'x' }, {}, my.admin);
    expect(foreign.status).toBe(404);
  });

  it('is shown as it was, and is not sent again to who knows it', async () => {
    const path = await taken();
    const seen = await my.call('GET', path);
    await carriedOut(idOf(await my.call('DELETE', path)));
    const then = await my.show(`${path}?asOf=${seen.headers.get('strata-position')}`);
    expect(then).toEqual(seen.body);
  });
});

describe('rolling back', () => {
  it('takes the snapshot and its disk', async () => {
    const path = await taken();
    const reply = await my.call('POST', `${path}/rollback`);
    expect(reply).toMatchObject({ status: 202, body: { kind: 'snapshot.rollback' } });
    expect(await my.show(path)).toMatchObject({ status: 'rolling-back' });
    expect(await my.show(diskPath)).toMatchObject({ status: 'rolling-back' });
    expect(codeOf(await my.call('POST', `${diskPath}/extend`, { sizeGiB: 80 }))).toBe('disk-busy');
    expect(codeOf(await my.call('DELETE', path))).toBe('snapshot-busy');
    await carriedOut(idOf(reply));
    expect(await my.show(path)).toMatchObject({ status: 'available' });
    expect(await my.show(diskPath)).toMatchObject({ status: 'available' });
  });

  it('is refused where the binding says that its cloud does not offer it', async () => {
    const path = await taken();
    const again = (id: string) => my.call('POST', `/v1/operations/${id}/retry`);
    const failed = idOf(await my.call('POST', `${path}/rollback`));
    await server.fail(failed);
    const { simulator } = server.server.seeded.bindings;
    const etag = (await my.call('GET', path)).headers.get('etag') ?? '';
    const knowing = () => my.call('GET', path, undefined, { 'if-none-match': etag });
    expect((await knowing()).status).toBe(304);
    const change = (rollback: string) =>
      my.call('PATCH', `/v1/bindings/${simulator}`, { features: { rollback } }, {}, my.admin);
    expect((await change('off')).body).toMatchObject({ features: { rollback: 'off' } });
    expect((await knowing()).body).toMatchObject({ allowedActions: ['update', 'delete'] });
    expect(codeOf(await again(failed))).toBe('rollback-not-offered');
    const refused = await my.call('POST', `${path}/rollback`);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'rollback-not-offered']);
    expect((await my.call('POST', `${path}/rollback`, undefined, {}, my.stranger)).status).toBe(404);
    const offered = async () => {
      const { allowedActions } = await my.show(path);
      expect(await my.listed(`${my.path}/snapshots`)).toMatchObject([{ allowedActions }]);
      return allowedActions;
    };
    expect(await offered()).toEqual(['update', 'delete']);
    expect((await change('revert')).status).toBe(400);
    expect((await change('cloudsnapshots')).status).toBe(200);
    expect(await offered()).toEqual(['update', 'delete', 'roll-back']);
    expect((await knowing()).status).toBe(200);
    expect((await again(failed)).status).toBe(202);
  });

  it('is refused while something works on the disk', async () => {
    const path = await taken();
    await take();
    expect(codeOf(await my.call('POST', `${path}/rollback`))).toBe('disk-busy');
  });
});

describe('a list of snapshots', () => {
  it('is filtered, sorted and paged, and goes over all projects that the caller may view', async () => {
    await taken({ name: 'b' });
    await taken({ name: 'a' });
    await take({ name: 'c' });
    const names = async (query: string) => (await my.listed(`${my.path}/snapshots?${query}`)).map(({ name }) => name);
    expect(await names('')).toEqual(['c', 'a', 'b']);
    expect(await names('sort=name')).toEqual(['a', 'b', 'c']);
    expect(await names('status=available&sort=-name')).toEqual(['b', 'a']);
    expect(await names(`diskId=${diskId()}&name=a`)).toEqual(['a']);
    expect(await names(`diskId=${newId()}`)).toEqual([]);
    expect(await my.listed('/v1/snapshots')).toHaveLength(3);
    expect(await my.listed('/v1/snapshots', my.stranger)).toHaveLength(0);
  });

  it('of a project that is gone shows with asOf what was in it', async () => {
    const path = await taken();
    const seen = await my.call('GET', path);
    for (const each of [path, diskPath]) await carriedOut(idOf(await my.call('DELETE', each)));
    const gone = await my.call('DELETE', my.path, undefined, {}, my.admin);
    expect(gone.status).toBe(204);
    const list = (asOf: string | null, by: string) =>
      my.call('GET', `${my.path}/snapshots?asOf=${asOf}`, undefined, {}, by);
    const then = seen.headers.get('strata-position');
    expect(await list(then, my.admin)).toMatchObject({ status: 200, body: { items: [seen.body] } });
    expect((await list(then, my.stranger)).status).toBe(404);
    expect((await list(gone.headers.get('strata-position'), my.admin)).status).toBe(404);
  });

  it('shows the same of rows that an older build wrote, which are not kept ready', async () => {
    await taken({ name: 'a', metadata: { k: 'v' } });
    const ready = await my.listed(`${my.path}/snapshots`);
    await server.server.worker.query('update view_snapshots set shown = null where project_id = $1', [my.projectId]);
    expect(await my.listed(`${my.path}/snapshots`)).toEqual(ready);
    expect(ready).toMatchObject([{ name: 'a', status: 'available', metadata: { k: 'v' } }]);
  });
});
