import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { markerOf, type CloudDisk } from '../disk-cloud.js';
import {
  blankDisk,
  diskWith,
  eventually,
  jobOf,
  makeDisk,
  removeDisk,
  soon,
  tried,
  type CloudOnTrial,
} from './trial.js';

export interface Capabilities {
  /** Disks have tags. */
  readonly tags: boolean;
}

const aMinuteAgo = () => new Date(Date.now() - 60_000);

/** What every cloud must do for us, a real one too: nothing here makes it fail, and every disk made is removed. */
export const diskCloudContract = (open: () => Promise<CloudOnTrial>, can: Capabilities): void => {
  const on = (test: (trial: CloudOnTrial) => Promise<void>) => tried(open, test);
  const tags: Record<string, string> = can.tags ? { team: 'ledger', env: 'prod' } : {};

  describe('a cloud of disks', () => {
    it(
      'makes a disk as asked, with its marker',
      on(async (trial) => {
        const wish = blankDisk(trial, { name: 'ledger-01', description: 'data', tags, metadata: { owner: 'a' } });
        const job = await jobOf(trial, await trial.cloud.createDisk(wish, soon));
        expect(job).toMatchObject({ state: 'succeeded' });
        const { cloudId } = job as Extract<typeof job, { state: 'succeeded' }>;
        const disk = await diskWith(trial, cloudId ?? '', ({ status }) => status === 'available');
        expect(disk).toEqual({
          ...wish,
          cloudId,
          status: 'available',
          cloudStatus: 'available',
          bootable: false,
          shareable: false,
          encrypted: false,
          attachments: [],
          marks: 'whole',
          createdAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string,
        });
        await removeDisk(trial, cloudId ?? '');
      }),
    );

    it(
      'shows a disk to every way of looking',
      on(async (trial) => {
        const { cloud, patienceMs } = trial;
        const { marker } = blankDisk(trial);
        const disk = await makeDisk(trial, { marker });
        const found = await eventually(
          patienceMs,
          () => cloud.findDisksByMarker(marker, aMinuteAgo()),
          ({ length }) => length > 0,
        );
        expect(found).toEqual([disk]);
        expect(await cloud.findDisks([randomUUID(), disk.cloudId, randomUUID()])).toEqual([disk]);
        expect(await listed(trial)).toContainEqual(disk);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'changes name, description, metadata and tags, and leaves the rest',
      on(async (trial) => {
        const disk = await makeDisk(trial, { name: 'before', tags, metadata: { owner: 'a', cost: '7' } });
        const change = {
          name: 'after',
          description: 'renamed',
          metadata: { owner: 'b', cost: null, stage: 'x', absent: null },
          ...(can.tags ? { tags: { team: 'billing', env: null, new: 'one', absent: null } } : {}),
        };
        // Twice, as it may be repeated.
        for (let time = 1; time <= 2; time += 1) {
          expect(await trial.cloud.changeDisk(disk.cloudId, change, soon)).toMatchObject({ outcome: 'accepted' });
        }
        expect(await trial.cloud.findDisk(disk.cloudId)).toEqual({
          ...disk,
          name: 'after',
          description: 'renamed',
          metadata: { owner: 'b', stage: 'x' },
          tags: can.tags ? { team: 'billing', new: 'one' } : {},
        });
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'makes a disk bootable and read-only, and back',
      on(async (trial) => {
        const { cloud } = trial;
        const disk = await makeDisk(trial, { name: 'flags', metadata: { owner: 'a' } });
        const set = { bootable: true, readOnly: true };
        expect(await cloud.changeDisk(disk.cloudId, set, soon)).toMatchObject({ outcome: 'accepted' });
        expect(await cloud.findDisk(disk.cloudId)).toEqual({ ...disk, ...set });
        const back = { bootable: false, readOnly: false, name: 'no flags' };
        expect(await cloud.changeDisk(disk.cloudId, back, soon)).toMatchObject({ outcome: 'accepted' });
        expect(await cloud.findDisk(disk.cloudId)).toEqual({ ...disk, name: 'no flags' });
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'does not let a change touch what is Strata’s or the cloud’s own',
      on(async (trial) => {
        const disk = await makeDisk(trial);
        for (const key of ['strata.marker', 'Strata.Marker', '__system__encrypted']) {
          const change = { name: 'other', metadata: { [key]: null } };
          const sent = await trial.cloud.changeDisk(disk.cloudId, change, soon);
          expect(sent).toMatchObject({ outcome: 'refused', reason: 'invalid' });
        }
        expect(await trial.cloud.findDisk(disk.cloudId)).toEqual(disk);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it.each([
      ['it has room for a tag', 1],
      ['its ten tags are others’', 10],
    ])('takes our marker on in place of another, and stays what it was else, where %s', (_, count) =>
      on(async (trial) => {
        const { cloud, patienceMs } = trial;
        const many = Object.fromEntries(Array.from({ length: count }, (_each, index) => [`tag-${index}`, 'x']));
        const disk = await makeDisk(trial, { tags: can.tags ? many : {}, metadata: { owner: 'a' } });
        const marker = markerOf(randomUUID(), 1);
        // Twice, as it may be repeated.
        for (let time = 1; time <= 2; time += 1)
          expect(await cloud.markDisk(disk, marker, soon)).toMatchObject({
            outcome: 'accepted',
            cloudId: disk.cloudId,
          });
        expect(await cloud.findDisk(disk.cloudId)).toEqual({ ...disk, marker });
        const found = await eventually(
          patienceMs,
          () => cloud.findDisksByMarker(marker, aMinuteAgo()),
          ({ length }) => length > 0,
        );
        expect(found.map(({ cloudId }) => cloudId)).toEqual([disk.cloudId]);
        expect(await cloud.findDisksByMarker(disk.marker ?? '', aMinuteAgo())).toEqual([]);
        await removeDisk(trial, disk.cloudId);
      })(),
    );

    it(
      'extends a disk, and says by name that it has the size already',
      on(async (trial) => {
        const { cloud } = trial;
        const disk = await makeDisk(trial, { sizeGiB: 10 });
        expect(await jobOf(trial, await cloud.extendDisk(disk.cloudId, 11, soon))).toMatchObject({
          state: 'succeeded',
        });
        await diskWith(trial, disk.cloudId, ({ sizeGiB, status }) => sizeGiB === 11 && status === 'available');
        for (const sizeGiB of [11, 10]) {
          const sent = await cloud.extendDisk(disk.cloudId, sizeGiB, soon);
          expect(sent).toMatchObject({ outcome: 'refused', reason: 'state-conflict' });
        }
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'deletes a disk until nothing is left to see',
      on(async (trial) => {
        const { cloud } = trial;
        const { marker } = blankDisk(trial);
        const { cloudId } = await makeDisk(trial, { marker });
        await removeDisk(trial, cloudId);
        expect(await cloud.findDisks([cloudId])).toEqual([]);
        expect(await cloud.findDisksByMarker(marker, aMinuteAgo())).toEqual([]);
        expect((await listed(trial)).filter((disk) => disk.cloudId === cloudId)).toEqual([]);
      }),
    );

    it(
      'knows nothing of a disk that never was',
      on(async (trial) => {
        const { cloud } = trial;
        const nobody = randomUUID();
        const notFound = { outcome: 'refused', reason: 'not-found' };
        expect(await cloud.findDisk(nobody)).toBeNull();
        expect(await cloud.findDisks([nobody])).toEqual([]);
        expect(await cloud.findDisks([])).toEqual([]);
        expect(await cloud.findDisksByMarker(markerOf(randomUUID(), 1), aMinuteAgo())).toEqual([]);
        expect(await cloud.deleteDisk(nobody, soon)).toMatchObject(notFound);
        expect(await cloud.extendDisk(nobody, 20, soon)).toMatchObject(notFound);
        expect(await cloud.changeDisk(nobody, { name: 'n' }, soon)).toMatchObject(notFound);
        const gone = await makeDisk(trial);
        await removeDisk(trial, gone.cloudId);
        expect(await cloud.markDisk(gone, markerOf(randomUUID(), 1), soon)).toMatchObject(notFound);
      }),
    );

    it.each([
      ['a type', { type: 'no-such-type' }, 'type-unavailable'],
      ['a zone', { availabilityZone: 'no-such-zone' }, 'zone-unavailable'],
      ['a size', { sizeGiB: -1 }, 'invalid'],
    ])('refuses %s that does not exist, by name', (_, wish, reason) =>
      on(async (trial) => {
        const sent = await trial.cloud.createDisk(blankDisk(trial, wish), soon);
        expect(sent).toMatchObject({ outcome: 'refused', reason });
      })(),
    );

    it(
      'sends nothing once sending is not allowed any more',
      on(async (trial) => {
        const disk = await makeDisk(trial);
        const late = { timeoutMs: 30_000, mayStillSend: () => false };
        const unsent = { outcome: 'not-now', why: 'unavailable' };
        const { marker, ...wish } = blankDisk(trial);
        expect(await trial.cloud.createDisk({ marker, ...wish }, late)).toMatchObject(unsent);
        expect(await trial.cloud.extendDisk(disk.cloudId, 20, late)).toMatchObject(unsent);
        expect(await trial.cloud.changeDisk(disk.cloudId, { name: 'late' }, late)).toMatchObject(unsent);
        expect(await trial.cloud.markDisk(disk, markerOf(randomUUID(), 2), late)).toMatchObject(unsent);
        expect(await trial.cloud.deleteDisk(disk.cloudId, late)).toMatchObject(unsent);
        expect(await trial.cloud.findDisk(disk.cloudId)).toEqual(disk);
        expect(await trial.cloud.findDisksByMarker(marker, aMinuteAgo())).toEqual([]);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'tells its quota in our dimensions, with what is used',
      on(async (trial) => {
        const { cloud, place } = trial;
        const usedOf = async (dimension: string) =>
          (await cloud.quota()).dimensions.find((one) => one.dimension === dimension)?.used ?? 0;
        const before = { disks: await usedOf('disks'), ofType: await usedOf(`gigabytes:${place.type}`) };
        const disk = await makeDisk(trial, { sizeGiB: 12 });
        expect(await usedOf('disks')).toBe(before.disks + 1);
        expect(await usedOf(`gigabytes:${place.type}`)).toBe(before.ofType + 12);
        const { dimensions } = await cloud.quota();
        for (const { dimension, limit } of dimensions) {
          expect(dimension).toMatch(/^(disks|gigabytes)(:.+)?$|^snapshots$|^per_disk_gigabytes$/);
          expect(limit === 'unlimited' || (Number.isInteger(limit) && limit >= 0)).toBe(true);
        }
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'tells its types and zones, and that the access is good',
      on(async ({ cloud, place }) => {
        const type = (await cloud.diskTypes()).find(({ name }) => name === place.type);
        expect(type?.availabilityZones ?? [place.availabilityZone]).toContain(place.availabilityZone);
        expect(type?.soldOutZones).not.toContain(place.availabilityZone);
        expect(await cloud.availabilityZones()).toContainEqual({ name: place.availabilityZone, available: true });
        expect(await cloud.check()).toEqual({ ok: true });
      }),
    );
  });
};

const listed = async ({ cloud }: CloudOnTrial): Promise<readonly CloudDisk[]> => {
  const disks: CloudDisk[] = [];
  for await (const page of cloud.listDisks()) disks.push(...page);
  return disks;
};
