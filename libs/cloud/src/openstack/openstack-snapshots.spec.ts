import { afterEach, describe, expect, it } from 'vitest';
import type { ReceivedRequest, ScriptedAnswer } from '../contract/scripted-server.js';
import { startScriptedOpenstack } from '../contract/scripted-openstack.js';
import type { OpenstackAccess, WriteOptions } from '../disk-cloud.js';
import type { NewCloudSnapshot } from '../snapshot-cloud.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const project = '/v3/3f8a1c27d94e4b60a5127c9e0b6d1f42';
const marker = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f.2';

const against = async (
  call: (request: ReceivedRequest, nth: number) => ScriptedAnswer,
  rollback?: OpenstackAccess['rollback'],
) => {
  const { cloud, asked, close } = await startScriptedOpenstack({ call }, { rollback });
  ends.push(close);
  if (cloud.snapshots === null) throw new Error('OpenStack has snapshots');
  return { snapshots: cloud.snapshots, asked };
};
const always = (answer: ScriptedAnswer, rollback?: OpenstackAccess['rollback']) => against(() => answer, rollback);

const snapshot = (id: string, rest: object = {}) => ({
  id,
  volume_id: 'v1',
  status: 'available',
  size: 10,
  name: 'before',
  description: null,
  created_at: '2026-11-22T16:12:38.843519',
  metadata: { owner: 'a', 'strata.marker': marker },
  ...rest,
});
const wish: NewCloudSnapshot = {
  marker,
  cloudDiskId: 'v1',
  name: 'before',
  description: 'd',
  force: true,
  metadata: { owner: 'a' },
};
const fault = (status: number, name: string, message: string) => ({
  status,
  body: { [name]: { code: status, message } },
});

describe('a snapshot of Cinder', () => {
  it('is created with its marker in the metadata, and answered with its id', async () => {
    const { snapshots, asked } = await always({ status: 202, body: { snapshot: snapshot('s1') } });
    expect(await snapshots.createSnapshot(wish, now)).toMatchObject({
      ...{ outcome: 'accepted', jobId: null, cloudId: 's1' },
    });
    const metadata = { owner: 'a', 'strata.marker': marker };
    expect(asked()).toEqual([
      {
        method: 'POST',
        path: `${project}/snapshots`,
        body: { snapshot: { volume_id: 'v1', name: 'before', description: 'd', force: true, metadata } },
      },
    ]);
  });

  it('that was made without being named is unknown', async () => {
    const { snapshots } = await always({ status: 202, body: {} });
    expect(await snapshots.createSnapshot(wish, now)).toMatchObject({
      ...{ outcome: 'unknown', fault: { code: 'no-snapshot' } },
    });
  });

  it.each([
    ['available', 'available'],
    ['restoring', 'rolling-back'],
    ['error_deleting', 'error-deleting'],
    ['something-new', 'unknown'],
  ])('in state %s is %s to us', async (word, status) => {
    const { snapshots } = await always({ status: 200, body: { snapshot: snapshot('s1', { status: word }) } });
    expect(await snapshots.findSnapshot('s1')).toEqual({
      ...{ cloudId: 's1', cloudDiskId: 'v1', name: 'before', description: '', status, cloudStatus: word },
      ...{ sizeGiB: 10, metadata: { owner: 'a' }, marker, createdAt: '2026-11-22T16:12:38.843Z' },
    });
  });

  it('is absent only when the service says so', async () => {
    const { snapshots } = await always(fault(404, 'itemNotFound', 'Snapshot s1 could not be found.'));
    expect(await snapshots.findSnapshot('s1')).toBeNull();
    const { snapshots: behindProxy } = await always({ status: 404, body: 'nothing here' });
    await expect(behindProxy.findSnapshot('s1')).rejects.toMatchObject({ why: 'unavailable' });
  });

  it('of another project is none, though an admin of the cloud is shown it', async () => {
    const foreign = snapshot('s1', { 'os-extended-snapshot-attributes:project_id': 'another' });
    const { snapshots } = await always({ status: 200, body: { snapshot: foreign } });
    expect(await snapshots.findSnapshot('s1')).toBeNull();
  });

  it('is looked for among those of its disk, also where the filter is ignored', async () => {
    const other = snapshot('s2', { volume_id: 'v2' });
    const unmarked = snapshot('s3', { metadata: {} });
    const body = { snapshots: [other, unmarked, snapshot('s1')] };
    const { snapshots, asked } = await always({ status: 200, body });
    expect((await snapshots.findSnapshotsOfDisk('v1')).map(({ cloudId }) => cloudId)).toEqual(['s3', 's1']);
    expect((await snapshots.findSnapshotsByMarker(marker, 'v1')).map(({ cloudId }) => cloudId)).toEqual(['s1']);
    expect((await snapshots.findSnapshots(['s1', 's2'])).map(({ cloudId }) => cloudId)).toEqual(['s2', 's1']);
    const detail = `${project}/snapshots/detail`;
    expect(asked().map(({ path }) => path)).toEqual([
      `${detail}?volume_id=v1&sort=created_at%3Adesc&limit=1000`,
      `${detail}?volume_id=v1&sort=created_at%3Adesc&limit=1000`,
      `${detail}?sort=created_at%3Adesc&limit=1000`,
    ]);
  });

  it('is changed part by part, and leaves the marker alone', async () => {
    const { snapshots, asked } = await always({ status: 200, body: {} });
    const change = { name: 'kept', metadata: { owner: 'b', 'a/b': null } };
    expect(await snapshots.changeSnapshot('s1', change, now)).toMatchObject({ outcome: 'accepted', cloudId: 's1' });
    expect(asked()).toEqual([
      { method: 'PUT', path: `${project}/snapshots/s1`, body: { snapshot: { name: 'kept' } } },
      { method: 'DELETE', path: `${project}/snapshots/s1/metadata/a%2Fb`, body: null },
      { method: 'POST', path: `${project}/snapshots/s1/metadata`, body: { metadata: { owner: 'b' } } },
    ]);
    const reserved = { metadata: { 'strata.marker': null } };
    expect(await snapshots.changeSnapshot('s1', reserved, now)).toMatchObject({
      ...{ outcome: 'refused', reason: 'invalid', fault: { code: 'reserved-key' } },
    });
    expect(asked()).toHaveLength(3);
  });

  it('that was changed in part is unknown', async () => {
    const { snapshots } = await against((_, nth) => (nth === 1 ? { status: 200, body: {} } : { status: 429 }));
    const change = { name: 'kept', metadata: { owner: 'b' } };
    expect(await snapshots.changeSnapshot('s1', change, now)).toMatchObject({ outcome: 'unknown' });
  });

  it('is deleted, unless it is in use', async () => {
    const { snapshots, asked } = await always({ status: 202 });
    expect(await snapshots.deleteSnapshot('s1', now)).toMatchObject({ outcome: 'accepted', cloudId: 's1' });
    expect(asked()).toEqual([{ method: 'DELETE', path: `${project}/snapshots/s1`, body: null }]);
    const { snapshots: busy } = await always(
      fault(400, 'badRequest', 'Invalid snapshot: Snapshot status must be available or error.'),
    );
    expect(await busy.deleteSnapshot('s1', now)).toMatchObject({ outcome: 'refused', reason: 'state-conflict' });
  });
});

describe('rolling back in Cinder', () => {
  it('asks for the version that has it', async () => {
    const { snapshots, asked } = await always({ status: 202 });
    expect(await snapshots.rollBack('s1', 'v1', now)).toMatchObject({ outcome: 'accepted', cloudId: 'v1' });
    expect(asked()).toEqual([
      { method: 'POST', path: `${project}/volumes/v1/action`, body: { revert: { snapshot_id: 's1' } } },
    ]);
  });

  it('is not offered by a release without it, or where the binding says so', async () => {
    const notOffered = { outcome: 'refused', reason: 'rollback-not-offered' };
    const { snapshots } = await always(
      fault(406, 'computeFault', 'Version 3.40 is not supported by the API. Minimum is 3.0 and maximum is 3.27.'),
    );
    expect(await snapshots.rollBack('s1', 'v1', now)).toMatchObject({ ...notOffered, fault: { code: 'no-revert' } });
    const { snapshots: off, asked } = await always({ status: 202 }, 'off');
    expect(await off.rollBack('s1', 'v1', now)).toMatchObject(notOffered);
    expect(asked()).toEqual([]);
  });
});
