import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { markerOf } from '../disk-cloud.js';
import type { CloudSnapshot, NewCloudSnapshot, SnapshotCloud } from '../snapshot-cloud.js';
import { acceptedAs, diskWith, eventually, makeDisk, removeDisk, soon, tried, type CloudOnTrial } from './trial.js';

export interface WithSnapshots {
  readonly snapshots: SnapshotCloud;
  /** Disks can be rolled back here. */
  readonly rollsBack: boolean;
}

type Trial = CloudOnTrial & WithSnapshots;

const blankSnapshot = (cloudDiskId: string, rest: Partial<NewCloudSnapshot> = {}): NewCloudSnapshot => ({
  marker: markerOf(randomUUID(), 1),
  cloudDiskId,
  name: 'contract',
  description: '',
  force: false,
  metadata: {},
  ...rest,
});

/** Takes a snapshot and waits until it can be used. */
export const take = async (trial: Trial, wish: NewCloudSnapshot): Promise<CloudSnapshot> => {
  const { cloudId, jobId } = acceptedAs(await trial.snapshots.createSnapshot(wish, soon));
  expect({ named: typeof cloudId, jobId }).toEqual({ named: 'string', jobId: null });
  const isReady = (found: CloudSnapshot | null) => found?.status === 'available';
  const found = await eventually(trial.patienceMs, () => trial.snapshots.findSnapshot(cloudId ?? ''), isReady);
  return found as CloudSnapshot;
};

const remove = async ({ snapshots, patienceMs }: Trial, cloudId: string): Promise<void> => {
  acceptedAs(await snapshots.deleteSnapshot(cloudId, soon));
  await eventually(
    patienceMs,
    () => snapshots.findSnapshot(cloudId),
    (found) => found === null,
  );
};

/** What every cloud must do with snapshots, a real one too; all that is made is removed. */
export const snapshotContract = (open: () => Promise<Trial>): void => {
  const on = (test: (trial: Trial) => Promise<void>) => tried(open, test);

  describe('a cloud of snapshots', () => {
    it(
      'takes one as asked, with its marker, and shows it to every way of looking',
      on(async (trial) => {
        const { snapshots } = trial;
        const disk = await makeDisk(trial, { sizeGiB: 11 });
        const { force: _force, ...asked } = blankSnapshot(disk.cloudId, { name: 'before', metadata: { owner: 'a' } });
        const older = await take(trial, blankSnapshot(disk.cloudId));
        const taken = await take(trial, { ...asked, force: true });
        expect(taken).toEqual({
          ...asked,
          cloudId: taken.cloudId,
          status: 'available',
          cloudStatus: 'available',
          sizeGiB: 11,
          createdAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string,
        });
        expect(await snapshots.findSnapshots([taken.cloudId])).toEqual([taken]);
        expect(await snapshots.findSnapshots([randomUUID(), older.cloudId, taken.cloudId])).toEqual([taken, older]);
        expect(await snapshots.findSnapshotsOfDisk(disk.cloudId)).toEqual([taken, older]);
        expect(await snapshots.findSnapshotsByMarker(asked.marker, disk.cloudId)).toEqual([taken]);
        expect(await listed(trial)).toEqual(expect.arrayContaining([taken, older]));
        for (const { cloudId } of [taken, older]) await remove(trial, cloudId);
        expect(await snapshots.findSnapshotsOfDisk(disk.cloudId)).toEqual([]);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'changes name, description and metadata, and leaves the rest',
      on(async (trial) => {
        const disk = await makeDisk(trial);
        const taken = await take(trial, blankSnapshot(disk.cloudId, { metadata: { owner: 'a', cost: '7' } }));
        const change = { name: 'kept', description: 'd', metadata: { owner: 'b', cost: null, absent: null } };
        for (let time = 1; time <= 2; time += 1)
          expect(await trial.snapshots.changeSnapshot(taken.cloudId, change, soon)).toMatchObject({
            outcome: 'accepted',
          });
        expect(await trial.snapshots.findSnapshot(taken.cloudId)).toEqual({
          ...taken,
          name: 'kept',
          description: 'd',
          metadata: { owner: 'b' },
        });
        for (const key of ['strata.marker', 'Strata.Marker']) {
          const reserved = { metadata: { [key]: null } };
          expect(await trial.snapshots.changeSnapshot(taken.cloudId, reserved, soon)).toMatchObject({
            outcome: 'refused',
            reason: 'invalid',
          });
        }
        await remove(trial, taken.cloudId);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'takes our marker on in place of another, and stays what it was else',
      on(async (trial) => {
        const disk = await makeDisk(trial);
        const taken = await take(trial, blankSnapshot(disk.cloudId, { metadata: { owner: 'a' } }));
        const marker = markerOf(randomUUID(), 1);
        // Twice, as it may be repeated.
        for (let time = 1; time <= 2; time += 1)
          expect(await trial.snapshots.markSnapshot(taken.cloudId, marker, soon)).toMatchObject({
            outcome: 'accepted',
          });
        expect(await trial.snapshots.findSnapshot(taken.cloudId)).toEqual({ ...taken, marker });
        await remove(trial, taken.cloudId);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'makes a disk from one, which stays when the snapshot goes',
      on(async (trial) => {
        const disk = await makeDisk(trial);
        const { cloudId } = await take(trial, blankSnapshot(disk.cloudId));
        const copy = await makeDisk(trial, { sizeGiB: 12, source: { snapshotCloudId: cloudId } });
        await remove(trial, cloudId);
        expect(await trial.cloud.findDisk(copy.cloudId)).toMatchObject({ status: 'available', sizeGiB: 12 });
        for (const each of [copy, disk]) await removeDisk(trial, each.cloudId);
      }),
    );

    it(
      'rolls a disk back to one of its own, or says that it does not',
      on(async (trial) => {
        const disk = await makeDisk(trial);
        const { cloudId } = await take(trial, blankSnapshot(disk.cloudId));
        const sent = await trial.snapshots.rollBack(cloudId, disk.cloudId, soon);
        expect(sent.outcome).toBe(trial.rollsBack ? 'accepted' : 'refused');
        await diskWith(trial, disk.cloudId, ({ status }) => status === 'available');
        const isReady = (found: CloudSnapshot | null) => found?.status === 'available';
        await eventually(trial.patienceMs, () => trial.snapshots.findSnapshot(cloudId), isReady);
        await remove(trial, cloudId);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'knows nothing of one that never was, and sends nothing once it may not',
      on(async ({ snapshots }) => {
        const nobody = randomUUID();
        const notFound = { outcome: 'refused', reason: 'not-found' };
        expect(await snapshots.findSnapshot(nobody)).toBeNull();
        expect(await snapshots.findSnapshots([])).toEqual([]);
        expect(await snapshots.findSnapshots([nobody, randomUUID()])).toEqual([]);
        expect(await snapshots.findSnapshotsOfDisk(nobody)).toEqual([]);
        expect(await snapshots.deleteSnapshot(nobody, soon)).toMatchObject(notFound);
        expect(await snapshots.changeSnapshot(nobody, { name: 'n' }, soon)).toMatchObject(notFound);
        expect(await snapshots.markSnapshot(nobody, markerOf(nobody, 1), soon)).toMatchObject(notFound);
        expect(await snapshots.createSnapshot(blankSnapshot(nobody), soon)).toMatchObject(notFound);
        const late = { timeoutMs: 30_000, mayStillSend: () => false };
        const unsent = { outcome: 'not-now', why: 'unavailable' };
        expect(await snapshots.createSnapshot(blankSnapshot(nobody), late)).toMatchObject(unsent);
        expect(await snapshots.deleteSnapshot(nobody, late)).toMatchObject(unsent);
        expect(await snapshots.rollBack(nobody, nobody, late)).toMatchObject(unsent);
      }),
    );
  });
};

const listed = async ({ snapshots }: Trial): Promise<readonly CloudSnapshot[]> => {
  const all: CloudSnapshot[] = [];
  for await (const page of snapshots.listSnapshots()) all.push(...page);
  return all;
};
