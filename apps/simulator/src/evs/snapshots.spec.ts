import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type SnapshotBody } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
  await cloud.freeze();
});
afterAll(() => simulator.close());

const done = () => cloud.advance(1_500);

const availableDisk = async (volume: Record<string, unknown> = {}): Promise<string> => {
  const { body } = await cloud.create(volume);
  await done();
  return (await cloud.job(body.job_id)).body.entities.volume_id ?? '';
};

const availableSnapshot = async (volumeId: string, snapshot: Record<string, unknown> = {}): Promise<string> => {
  const id = await cloud.takeSnapshot(volumeId, snapshot);
  await done();
  return id;
};

const create = (snapshot: Record<string, unknown>) => cloud.evs('POST', '/cloudsnapshots', { snapshot });
const change = (id: string, body: Record<string, unknown>) => cloud.switch('POST', `/disks/${id}`, body);
const changeSnapshot = (id: string, body: Record<string, unknown>) => cloud.switch('PATCH', `/snapshots/${id}`, body);
const readings = (body: Record<string, unknown>) => cloud.switch('POST', '/readings', body);
const rollBack = (id: string, volumeId: string, path = 'cloudsnapshots') =>
  cloud.evs('POST', `/${path}/${id}/rollback`, { rollback: { volume_id: volumeId } });

interface SnapshotList {
  readonly count: number;
  readonly snapshots: readonly SnapshotBody[];
  readonly snapshots_links?: readonly { readonly href: string }[];
}
const list = async (query = '') => (await cloud.evs<SnapshotList>('GET', `/cloudsnapshots/detail${query}`)).body;

describe('taking a snapshot', () => {
  it('answers at once, and goes from creating to available without a job', async () => {
    const volumeId = await availableDisk({ size: 40 });
    const metadata = { 'cmd-id': 'c-1' };
    const { status, body } = await create({ volume_id: volumeId, name: 'before', description: null, metadata });
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { snapshot: { status: 'creating', name: 'before', description: null, size: 40, metadata } },
    });
    const { id } = (body as { snapshot: SnapshotBody }).snapshot;
    expect(await cloud.snapshot(id)).toMatchObject({ status: 'creating', updated_at: null });
    await done();
    expect(await cloud.snapshot(id)).toMatchObject({
      status: 'available',
      'os-extended-snapshot-attributes:progress': '100%',
      'os-extended-snapshot-attributes:project_id': cloud.projectId,
    });
  });

  it('counts as a snapshot and with its whole size, reserved until it is there', async () => {
    const volumeId = await availableDisk({ size: 40 });
    await cloud.takeSnapshot(volumeId);
    for (const key of ['snapshots', 'snapshots_SSD'])
      expect(await cloud.quota(key)).toMatchObject({ reserved: 1, in_use: 0 });
    for (const key of ['gigabytes', 'gigabytes_SSD'])
      expect(await cloud.quota(key)).toMatchObject({ reserved: 40, in_use: 40 });
    await done();
    expect(await cloud.quota('snapshots_SSD')).toMatchObject({ reserved: 0, in_use: 1 });
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 80 });
  });

  it('keeps the size that the disk had', async () => {
    const volumeId = await availableDisk({ size: 40 });
    const id = await availableSnapshot(volumeId);
    await cloud.evs('POST', `/volumes/${volumeId}/action`, { 'os-extend': { new_size: 50 } });
    await done();
    expect((await cloud.snapshot(id)).size).toBe(40);
    expect(await cloud.quota('gigabytes')).toMatchObject({ in_use: 90 });
  });

  it('is refused without a trace past the quota', async () => {
    const volumeId = await availableDisk({ size: 40 });
    const project = `/projects/${cloud.projectId}`;
    await cloud.switch('PUT', project, { quota: { gigabytes: 79 } });
    expect(await create({ volume_id: volumeId })).toMatchObject({
      status: 400,
      body: { error: { code: 'EVS.1042' } },
    });
    await cloud.switch('PUT', project, { quota: { gigabytes: 80, snapshots: 0 } });
    expect(await create({ volume_id: volumeId })).toMatchObject({
      status: 413,
      body: { error: { code: 'EVS.5413' } },
    });
    expect(await list()).toMatchObject({ count: 0 });
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 40 });
  });

  it.each([
    ['EVS.5400', 400],
    ['EVS.5413', 413],
  ] as const)(
    'is refused with %s for the eighth of a disk, not counting those of the backup service',
    async (code, status) => {
      await readings({ snapshotLimit: status === 413 ? 'over-limit' : 'EVS.5400' });
      const volumeId = await availableDisk();
      await cloud.switch('POST', `/disks/${volumeId}/snapshots`, { name: 'autobk_snapshot_vbs_1' });
      for (let nth = 1; nth <= 7; nth += 1) await cloud.takeSnapshot(volumeId);
      expect(await create({ volume_id: volumeId })).toMatchObject({ status, body: { error: { code } } });
      expect(await list(`?volume_id=${volumeId}`)).toMatchObject({ count: 8 });
    },
  );

  it.each([
    ['available', false, 'free', 202],
    ['in-use', false, 'free', 202],
    ['in-use', false, 'needs-force', 400],
    ['in-use', true, 'needs-force', 202],
    ['attaching', false, 'free', 400],
    ['attaching', true, 'free', 202],
    ['extending', true, 'free', 400],
    ['error', true, 'free', 400],
  ])('of a disk that is %s, with force %s where that is %s, answers %i', async (status, force, reading, expected) => {
    await readings({ snapshotOfInUse: reading });
    const volumeId = await availableDisk();
    await change(volumeId, { status });
    expect(await create({ volume_id: volumeId, force })).toMatchObject({ status: expected });
  });

  it.each([
    { volume_id: undefined },
    { name: 'n'.repeat(256) },
    { description: 7 },
    { force: 'yes' },
    { metadata: { '': 'v' } },
  ])('is refused for %j', async (wrong) => {
    const volumeId = await availableDisk();
    expect(await create({ volume_id: volumeId, ...wrong })).toMatchObject({ status: 400 });
    expect(await list()).toMatchObject({ count: 0 });
  });

  it('of a disk that is not there answers 404', async () => {
    expect(await create({ volume_id: '5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412' })).toMatchObject({
      status: 404,
      body: { error: { code: 'EVS.5404' } },
    });
  });

  it('can end in error, leave nothing, or never end', async () => {
    const volumeId = await availableDisk();
    await cloud.faults(
      { kind: 'job-failed', match: { operation: 'snapshots.create', name: '^bad$' } },
      { kind: 'job-failed', leaveNothing: true, match: { operation: 'snapshots.create', name: '^gone$' } },
      { kind: 'job-stuck', match: { operation: 'snapshots.*', name: '^stuck$' } },
    );
    for (const name of ['bad', 'gone', 'stuck']) await cloud.takeSnapshot(volumeId, { name });
    await done();
    expect((await list()).snapshots).toMatchObject([
      { name: 'stuck', status: 'creating' },
      { name: 'bad', status: 'error' },
    ]);
    expect(await cloud.quota('snapshots')).toMatchObject({ reserved: 1, in_use: 1 });
  });

  it.each(['drop-answer', 'error-after-accept'] as const)('has happened although %s hid the answer', async (kind) => {
    const volumeId = await availableDisk();
    await cloud.faults({ kind, match: { operation: 'snapshots.create' }, times: 1 });
    await create({ volume_id: volumeId, metadata: { marker: 'm.1' } }).catch(() => undefined);
    expect((await list(`?volume_id=${volumeId}`)).snapshots).toMatchObject([{ metadata: { marker: 'm.1' } }]);
  });
});

describe('deleting a snapshot', () => {
  it('takes its time, and gives the quota back when it is gone', async () => {
    const volumeId = await availableDisk();
    const id = await availableSnapshot(volumeId);
    expect((await cloud.evs('DELETE', `/cloudsnapshots/${id}`)).status).toBe(202);
    expect(await cloud.snapshot(id)).toMatchObject({ status: 'deleting' });
    expect(await cloud.quota('snapshots')).toMatchObject({ in_use: 1 });
    await done();
    expect(await cloud.evs('GET', `/cloudsnapshots/${id}`)).toMatchObject({ status: 404 });
    expect(await cloud.quota('snapshots')).toMatchObject({ reserved: 0, in_use: 0 });
    expect(await cloud.quota('gigabytes')).toMatchObject({ in_use: 10 });
  });

  it.each([
    ['available', 202],
    ['error', 202],
    ['creating', 400],
    ['deleting', 400],
    ['error_deleting', 400],
    ['rollbacking', 400],
    ['backing-up', 400],
  ])('that is %s answers %i', async (status, expected) => {
    const id = await availableSnapshot(await availableDisk());
    await changeSnapshot(id, { status });
    const { status: answered, body } = await cloud.evs('DELETE', `/cloudsnapshots/${id}`);
    expect(answered).toBe(expected);
    if (expected === 400) expect(body).toMatchObject({ error: { code: 'EVS.1047' } });
  });

  it('can end in error_deleting', async () => {
    const id = await availableSnapshot(await availableDisk());
    await cloud.faults({ kind: 'job-failed', match: { operation: 'snapshots.delete' } });
    await cloud.evs('DELETE', `/cloudsnapshots/${id}`);
    await done();
    expect(await cloud.snapshot(id)).toMatchObject({ status: 'error_deleting' });
    expect(await cloud.quota('snapshots')).toMatchObject({ in_use: 1 });
  });
});

describe('deleting a disk that has snapshots', () => {
  it('removes them with it, and frees the quota of all', async () => {
    const volumeId = await availableDisk();
    const id = await availableSnapshot(volumeId);
    await cloud.evs('DELETE', `/cloudvolumes/${volumeId}`);
    expect(await cloud.snapshot(id)).toMatchObject({ status: 'deleting' });
    await done();
    expect(await list()).toMatchObject({ count: 0, snapshots: [] });
    for (const key of ['volumes', 'snapshots', 'gigabytes'])
      expect(await cloud.quota(key)).toMatchObject({ reserved: 0, in_use: 0 });
  });

  it('is refused with EVS.2130 while a backup is under way', async () => {
    const volumeId = await availableDisk();
    await cloud.switch('POST', `/disks/${volumeId}/snapshots`, {
      name: 'autobk_snapshot_vbs_1',
      status: 'backing-up',
    });
    expect(await cloud.evs('DELETE', `/cloudvolumes/${volumeId}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'EVS.2130' } },
    });
  });
});

describe('updating a snapshot', () => {
  it('changes name and description, each on its own', async () => {
    const id = await availableSnapshot(await availableDisk(), { name: 'old', description: 'kept' });
    const update = (snapshot: unknown) => cloud.evs('PUT', `/cloudsnapshots/${id}`, { snapshot });
    expect(await update({ name: 'new' })).toMatchObject({
      status: 200,
      body: { snapshot: { name: 'new', description: 'kept' } },
    });
    expect(await update({ description: '' })).toMatchObject({ body: { snapshot: { name: 'new', description: '' } } });
    expect(await update({})).toMatchObject({ status: 400 });
    expect(await cloud.snapshot(id)).toMatchObject({ name: 'new', description: '' });
  });
});

describe('rolling a disk back', () => {
  it.each(['cloudsnapshots', 'os-vendor-snapshots'])(
    'keeps disk and snapshot busy until it is done (%s)',
    async (path) => {
      const volumeId = await availableDisk();
      const id = await availableSnapshot(volumeId);
      expect(await rollBack(id, volumeId, path)).toMatchObject({
        status: 202,
        body: { rollback: { volume_id: volumeId } },
      });
      expect(await cloud.volume(volumeId)).toMatchObject({ status: 'rollbacking' });
      expect(await cloud.snapshot(id)).toMatchObject({ status: 'rollbacking' });
      await done();
      expect(await cloud.volume(volumeId)).toMatchObject({ status: 'available' });
      expect(await cloud.snapshot(id)).toMatchObject({ status: 'available' });
    },
  );

  it('that fails leaves the disk error_rollbacking, from where it can be tried again', async () => {
    const volumeId = await availableDisk();
    const id = await availableSnapshot(volumeId);
    await cloud.faults({ kind: 'job-failed', match: { operation: 'snapshots.rollback' }, times: 1 });
    await rollBack(id, volumeId);
    await done();
    expect(await cloud.volume(volumeId)).toMatchObject({ status: 'error_rollbacking' });
    expect(await cloud.snapshot(id)).toMatchObject({ status: 'available' });
    await rollBack(id, volumeId);
    await done();
    expect(await cloud.volume(volumeId)).toMatchObject({ status: 'available' });
  });

  it('is refused for a disk that is not free, a snapshot that is not ready, and any other disk', async () => {
    const [volumeId, other] = [await availableDisk(), await availableDisk()];
    const id = await availableSnapshot(volumeId);
    const refused = { status: 400, body: { error: { code: 'EVS.5400' } } };
    expect(await rollBack(id, other)).toMatchObject(refused);
    await change(volumeId, { status: 'in-use' });
    expect(await rollBack(id, volumeId)).toMatchObject(refused);
    await change(volumeId, { status: 'available' });
    await changeSnapshot(id, { status: 'error' });
    expect(await rollBack(id, volumeId)).toMatchObject(refused);
    expect(await cloud.evs('POST', `/cloudsnapshots/${id}/rollback`, {})).toMatchObject(refused);
    expect(await cloud.volume(volumeId)).toMatchObject({ status: 'available' });
  });

  it('is no API where it is not offered', async () => {
    const volumeId = await availableDisk();
    const id = await availableSnapshot(volumeId);
    await readings({ rollback: 'not-offered' });
    for (const path of ['cloudsnapshots', 'os-vendor-snapshots'])
      expect(await rollBack(id, volumeId, path)).toMatchObject({ status: 404, body: { error_code: 'APIG.0101' } });
    expect(await cloud.volume(volumeId)).toMatchObject({ status: 'available' });
  });
});
