import { decideDisk, findingEvent, findingStream } from '@strata/disks';
import { everything } from '@strata/event-store';
import { FindingId, OperationId } from '@strata/kernel';
import { snapshotOf, snapshotStream, statusOf } from '@strata/snapshots';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { FollowedWork } from './contract/followed-work.js';
import { forEachFollowedWork } from './contract/for-each-test.js';
import { Plantation, type PlantedDisk, type PlantedSnapshot } from './contract/planted.js';
import { SnapshotWork } from './contract/snapshot-work.js';
import type { WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let followed: FollowedWork;
let disk: PlantedDisk;
let ours: PlantedSnapshot;
/** By how much the clock of the sweeps is ahead, in ms. */
let later = 0;

forEachFollowedWork(async (started) => {
  later = 0;
  followed = started;
  ({ work } = started);
  const plantation = new Plantation(work);
  const disks = await plantation.disks(1);
  const snapshots = await plantation.snapshots(disks);
  [disk, ours] = [disks[0] as PlantedDisk, snapshots[0] as PlantedSnapshot];
});

const sweep = () => followed.sweep({ nowMs: () => Date.now() + later });
const found = (...status: string[]) => followed.findings(...status);
const snapshotNow = async () => {
  const [stream] = (await work.store.load({ sight: everything, streams: [snapshotStream(ours.snapshotId)] })).streams;
  if (stream === undefined) throw new Error('no stream');
  return snapshotOf(stream);
};
const inCloud = () => work.cloud.snapshots.findSnapshotsOfDisk(disk.cloudId);
const behind = (body: object) => work.change('PATCH', `snapshots/${ours.cloudId}`, body);
const takenBehind = async (body: object): Promise<string> =>
  String((await work.simulate(`disks/${disk.cloudId}/snapshots`, body))['id']);
/** What stands against deleting the disk. */
const againstDeletion = async () => {
  const operationId = OperationId.parse(newId());
  const command = { type: 'RequestDeletion', work: { operationId, shownAs: operationId } } as const;
  const decision = decideDisk(command, await work.diskNow(disk.diskId));
  return decision.accepted ? null : decision.refusal;
};
/** For so many ms from now, by the clock of the sweeps. */
const ignore = async (findingId: string, forMs: number) => {
  const stream = findingStream(work.bindingId, ours.cloudId);
  const [loaded] = (await work.store.load({ sight: everything, streams: [stream] })).streams;
  const until = new Date(Date.now() + later + forMs).toISOString();
  const events = [findingEvent('FindingIgnored', { findingId: FindingId.parse(findingId), until })];
  const { projectId } = work;
  await work.append({ streams: [{ stream, projectId, expectedVersion: loaded?.version ?? 0, events }] });
};
const both = { held: 0, used: 40, releasing: 0 };
const diskAlone = { held: 0, used: 20, releasing: 0 };

describe('the sweep of snapshots', () => {
  it('sees that nothing is wrong', async () => {
    const before = (await work.store.head()).position;
    expect(await sweep()).toMatchObject({ findings: 0, snapshots: { inCloud: 1, known: 1, findings: 0 } });
    expect((await work.store.head()).position).toBe(before);
  });

  it('finds one that is gone: charged no more, in the way of nothing, shown until it is deleted', async () => {
    await work.change('DELETE', `snapshots/${ours.cloudId}`);
    expect(await work.figures()).toEqual(both);
    expect(await sweep()).toMatchObject({ findings: 1, snapshots: { missing: 1 } });
    expect(await found('open')).toMatchObject([
      { kind: 'missing', resource: 'snapshot', snapshotId: ours.snapshotId, diskId: disk.diskId },
    ]);
    expect((await found('open'))[0]?.doc.evidence.lastKnown).toMatchObject({
      ...{ name: 'before', sizeGiB: 20, type: 'SSD', availabilityZone: null, foundBy: 'sweep' },
      ...{ lastSeenAt: expect.any(String), missingSince: expect.any(String) },
    });
    expect(await work.figures()).toEqual(diskAlone);
    expect(await againstDeletion()).toBeNull();
    expect(statusOf(await snapshotNow())).toBe('error');
    const before = (await work.store.head()).position;
    expect(await sweep()).toMatchObject({ findings: 1, snapshots: { missing: 0 } });
    expect((await work.store.head()).position).toBe(before);
  });

  describe('of one that is then deleted', () => {
    const remove = async () => {
      const { snapshotId, cloudId } = ours;
      const asked = [{ cloudId }, { type: 'RequestDeletion' }] as const;
      const { operation } = await new SnapshotWork(work, disk).carriedOut('snapshot.delete', snapshotId, ...asked);
      expect(operation.status).toBe('succeeded');
    };

    it('has found nothing any more', async () => {
      await behind({ name: 'other' });
      await sweep();
      expect(await found('open')).toMatchObject([{ kind: 'changed', snapshotId: ours.snapshotId }]);
      await remove();
      expect(await found()).toMatchObject([{ kind: 'changed', status: 'resolved' }]);
    });

    it('has found nothing any more, also when it was gone and that was while it looked', async () => {
      await work.change('DELETE', `snapshots/${ours.cloudId}`);
      await sweep();
      const [finding] = await found('open');
      await ignore(String(finding?.doc.id), 3_600_000);
      later = 2 * 3_600_000;
      const { load } = work.store;
      work.store.load = async (wanted) => {
        const loaded = await load.call(work.store, wanted);
        if (wanted.streams?.includes(snapshotStream(ours.snapshotId))) {
          work.store.load = load;
          await remove();
        }
        return loaded;
      };
      await sweep();
      expect(work.store.load).toBe(load);
      expect(await found()).toMatchObject([{ kind: 'missing', status: 'resolved' }]);
    });
  });

  it('takes over what was changed, and closes the finding when the log says the same', async () => {
    await behind({ name: 'other', status: 'error' });
    expect(await sweep()).toMatchObject({ findings: 1, snapshots: { changed: 1 } });
    expect((await found('open'))[0]?.doc.evidence.differences).toEqual([
      { member: 'name', log: 'before', cloud: 'other' },
      { member: 'status', log: 'available', cloud: 'error' },
    ]);
    expect(await snapshotNow()).toMatchObject({ name: 'other', condition: 'error' });
    expect(await work.figures()).toEqual(both);
    expect(await sweep()).toMatchObject({ findings: 0 });
  });

  it('tells the disk of one that the cloud could not delete, and of its being mended', async () => {
    await behind({ status: 'error_deleting' });
    expect(await sweep()).toMatchObject({ snapshots: { changed: 1 } });
    expect(await againstDeletion()).toMatchObject({ type: 'snapshot-stuck', blockers: [{ id: ours.snapshotId }] });
    expect(await snapshotNow()).toMatchObject({ condition: 'error-deleting', cloudStatus: 'error_deleting' });
    expect(await sweep()).toMatchObject({ snapshots: { changed: 0 } });
    await behind({ status: 'available' });
    expect(await sweep()).toMatchObject({ snapshots: { changed: 1 } });
    expect(statusOf(await snapshotNow())).toBe('available');
    expect(await againstDeletion()).toMatchObject({ type: 'has-snapshots' });
  });

  it('learns once how the cloud calls the state in which a deletion has left one, where the log does not tell', async () => {
    const { store, projectId } = work;
    const stream = snapshotStream(ours.snapshotId);
    const [loaded] = (await store.load({ sight: everything, streams: [stream] })).streams;
    const fault = { code: 'failed-in-cloud', title: 'The cloud could not carry it out' };
    const data = { operationId: newId(), fault, broken: true };
    const failed = { type: 'SnapshotDeletionFailed', schemaVersion: 1, data };
    await work.append({
      mode: 'fact',
      streams: [{ stream, projectId, expectedVersion: loaded?.version ?? 0, events: [failed] }],
    });
    await behind({ status: 'error_deleting' });
    expect(await sweep()).toMatchObject({ snapshots: { changed: 1 } });
    expect(await snapshotNow()).toMatchObject({ condition: 'error-deleting', cloudStatus: 'error_deleting' });
    const before = (await store.head()).position;
    expect(await sweep()).toMatchObject({ snapshots: { changed: 0 } });
    expect((await store.head()).position).toBe(before);
  });

  it('tells the disk of one that Strata did not make: the cloud would delete it with the disk', async () => {
    await work.change('DELETE', `snapshots/${ours.cloudId}`);
    const cloudId = await takenBehind({ name: 'billing-nightly' });
    expect(await sweep()).toMatchObject({ findings: 2, snapshots: { unknown: 1, missing: 1 } });
    expect(await found('open')).toContainEqual(
      expect.objectContaining({
        kind: 'unknown',
        resource: 'snapshot',
        cloudId,
        diskId: disk.diskId,
        snapshotId: null,
      }),
    );
    const strange = (await found('open')).find((each) => each.cloudId === cloudId);
    expect(strange?.doc.evidence.cloud).toMatchObject({ diskId: disk.cloudId });
    expect(await againstDeletion()).toMatchObject({ type: 'has-snapshots', blockers: [{ id: cloudId }] });
    await work.change('DELETE', `snapshots/${cloudId}`);
    expect(await sweep()).toMatchObject({ findings: 1, snapshots: { unknown: 0 } });
    expect(await againstDeletion()).toBeNull();
  });

  it('leaves those of the backup service alone', async () => {
    await takenBehind({ name: 'autobk_snapshot_vbs_1' });
    expect(await sweep()).toMatchObject({ findings: 0, snapshots: { inCloud: 2, unknown: 0 } });
    expect(await inCloud()).toHaveLength(2);
  });

  it('removes a second one of ours that nothing adopted, and names it while it cannot', async () => {
    const marker = (await work.cloud.snapshots.findSnapshot(ours.cloudId))?.marker?.replace(/1$/, '7');
    const cloudId = await takenBehind({ metadata: { 'strata.marker': marker }, status: 'backing-up' });
    expect(await sweep()).toMatchObject({ findings: 1, snapshots: { surplusRemoved: 0 } });
    expect(await found('open')).toMatchObject([{ kind: 'orphan', cloudId, diskId: disk.diskId }]);
    await work.change('PATCH', `snapshots/${cloudId}`, { status: 'available' });
    expect(await sweep()).toMatchObject({ findings: 0, snapshots: { surplusRemoved: 1 } });
    expect(await inCloud()).toMatchObject([{ cloudId: ours.cloudId }]);
  });

  it('writes a marker of ours back that was lost', async () => {
    const marker = (await work.cloud.snapshots.findSnapshot(ours.cloudId))?.marker;
    await behind({ metadata: {} });
    expect(await sweep()).toMatchObject({ findings: 0, snapshots: { repaired: 1 } });
    expect(await found()).toMatchObject([{ kind: 'lost-marker', status: 'resolved' }]);
    expect(await work.cloud.snapshots.findSnapshot(ours.cloudId)).toMatchObject({ marker });
  });

  it('finds one that stays in a state which should pass', async () => {
    await behind({ status: 'deleting' });
    expect(await sweep()).toMatchObject({ findings: 0, snapshots: { changed: 1 } });
    expect(statusOf(await snapshotNow())).toBe('deleting');
    later = 61 * 60_000;
    expect(await sweep()).toMatchObject({ findings: 1 });
    expect(await found('open')).toMatchObject([{ kind: 'stuck', snapshotId: ours.snapshotId }]);
  });
});
