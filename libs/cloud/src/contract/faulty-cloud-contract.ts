import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CloudSilent, markerOf, type CloudDisk } from '../disk-cloud.js';
import { loginContract } from './login-contract.js';
import { lostAnswersContract } from './lost-answers-contract.js';
import {
  blankDisk,
  createMany,
  everything,
  idsFor,
  makeDisk,
  soon,
  tried,
  type Reach,
  type SwitchableCloud,
} from './trial.js';

/** What must hold on a bad day. Needs a cloud that can be told to have one, or a proxy before it that can. */
export const faultyCloudContract = (open: () => Promise<SwitchableCloud>, reach: Reach = everything): void => {
  const on = (test: (trial: SwitchableCloud) => Promise<void>) => tried(open, test);

  lostAnswersContract(open, reach);

  describe('a cloud that has no time', () => {
    it(
      'throttles: nothing happens to a write, and a read is silent',
      on(async (trial) => {
        const { cloud, switches } = trial;
        await cloud.check();
        await switches.faults({ kind: 'throttled', on: ['create', 'find', 'list', 'search'] });
        const throttled = { outcome: 'not-now', why: 'throttled', retryAfterMs: null };
        expect(await cloud.createDisk(blankDisk(trial), soon)).toMatchObject(throttled);
        await expect(cloud.findDisk(randomUUID())).rejects.toMatchObject({ name: 'CloudSilent', why: 'throttled' });
        await expect(idsFor(cloud, markerOf(randomUUID(), 1))).rejects.toBeInstanceOf(CloudSilent);
        expect(await switches.disks()).toEqual([]);
      }),
    );

    it(
      'is asked once more when a read came to nothing, and then left alone',
      on(async (trial) => {
        const { cloud, switches } = trial;
        const disk = await makeDisk(trial);
        await switches.faults({ kind: 'bad-gateway', on: ['find'], times: 1 });
        expect(await cloud.findDisk(disk.cloudId)).toEqual(disk);
        await switches.faults({ kind: 'bad-gateway', on: ['find'] });
        const before = await switches.calls('find');
        await expect(cloud.findDisk(disk.cloudId)).rejects.toMatchObject({ why: 'unavailable' });
        expect((await switches.calls('find')) - before).toBe(2);
      }),
    );

    it(
      'that is not there has done nothing',
      on(async (trial) => {
        const { cloud, switches } = trial;
        await cloud.check();
        await switches.goAway();
        await expect(cloud.findDisk(randomUUID())).rejects.toMatchObject({ name: 'CloudSilent', why: 'unavailable' });
        expect(await cloud.createDisk(blankDisk(trial), soon)).toMatchObject({
          outcome: 'not-now',
          why: 'unavailable',
        });
        expect(await cloud.check()).toMatchObject({ ok: false });
      }),
    );
  });

  if (reach.stock)
    describe('a refusal', () => {
      it.each([
        ['disks', 1, 'cloud-quota-exceeded'],
        ['gigabytes', 19, 'cloud-quota-exceeded'],
        ['per_disk_gigabytes', 9, 'cloud-quota-exceeded'],
      ] as const)('of more than the cloud grants in %s is named', (dimension, limit, reason) =>
        on(async (trial) => {
          const { cloudId } = await makeDisk(trial);
          await trial.switches.limit(dimension, limit);
          const refused = { outcome: 'refused', reason };
          expect(await trial.cloud.createDisk(blankDisk(trial), soon)).toMatchObject(refused);
          if (dimension !== 'disks') expect(await trial.cloud.extendDisk(cloudId, 20, soon)).toMatchObject(refused);
          const { dimensions } = await trial.cloud.quota();
          expect(dimensions).toContainEqual(expect.objectContaining({ dimension, limit }));
        })(),
      );

      it(
        'of a type that is sold out is named',
        on(async (trial) => {
          const sent = await trial.cloud.createDisk(blankDisk(trial, trial.soldOut), soon);
          expect(sent).toMatchObject({ outcome: 'refused', reason: 'type-unavailable' });
          const type = (await trial.cloud.diskTypes()).find(({ name }) => name === trial.soldOut.type);
          expect(type?.soldOutZones).toContain(trial.soldOut.availabilityZone);
        }),
      );

      it(
        'of a zone that is out of service is named',
        on(async (trial) => {
          const { availabilityZone } = trial.place;
          await trial.switches.closeZone(availabilityZone);
          const sent = await trial.cloud.createDisk(blankDisk(trial), soon);
          expect(sent).toMatchObject({ outcome: 'refused', reason: 'zone-unavailable' });
          expect(await trial.cloud.availabilityZones()).toContainEqual({ name: availabilityZone, available: false });
        }),
      );
    });

  describe('a list', () => {
    if (reach.roomFor > 1_050)
      it(
        'of more than a thousand disks has each once, newest first',
        on(async (trial) => {
          const markers = await createMany(trial, 1_050);
          const pages: (readonly CloudDisk[])[] = [];
          for await (const page of trial.cloud.listDisks()) pages.push(page);
          const disks = pages.flat();
          expect(pages.map(({ length }) => length)).toEqual([1_000, 50]);
          expect(new Set(disks.map(({ marker }) => marker))).toEqual(new Set(markers));
          const times = disks.map(({ createdAt }) => createdAt);
          expect(times).toEqual(times.toSorted().reverse());

          const wanted = disks.filter((_, index) => index % 7 === 0);
          const asked = [...wanted.map(({ cloudId }) => cloudId), ...Array.from({ length: 70 }, () => randomUUID())];
          const found = await trial.cloud.findDisks(asked);
          expect(found.map(({ cloudId }) => cloudId).toSorted()).toEqual(asked.slice(0, wanted.length).toSorted());
        }),
      );

    it(
      'has no disk any more that somebody else deleted',
      on(async (trial) => {
        const { cloudId } = await makeDisk(trial);
        await trial.switches.deleteBehindOurBack(cloudId);
        expect(await trial.cloud.findDisk(cloudId)).toBeNull();
        expect(await trial.cloud.findDisks([cloudId])).toEqual([]);
      }),
    );
  });

  if (reach.logins) loginContract(open, reach);
};
