import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CloudSilent, markerOf, type CloudDisk, type DiskCloud, type Sent } from '../disk-cloud.js';
import {
  acceptedAs,
  blankDisk,
  diskWith,
  jobOf,
  makeDisk,
  soon,
  tried,
  type Fault,
  type SwitchableCloud,
} from './trial.js';

const aMinuteAgo = () => new Date(Date.now() - 60_000);
const day = 24 * 3_600_000;

/** Makes many disks without waiting for them. */
const createMany = async (trial: SwitchableCloud, count: number): Promise<readonly string[]> => {
  const markers = Array.from({ length: count }, () => markerOf(randomUUID(), 1));
  const waiting = [...markers];
  const worker = async () => {
    for (let marker = waiting.pop(); marker !== undefined; marker = waiting.pop()) {
      acceptedAs(await trial.cloud.createDisk(blankDisk(trial, { marker }), soon));
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return markers;
};

const idsFor = async (cloud: DiskCloud, marker: string): Promise<readonly string[]> =>
  (await cloud.findDisksByMarker(marker, aMinuteAgo())).map(({ cloudId }) => cloudId);

/** What must hold on a bad day. Needs a cloud that can be told to have one. */
export const faultyCloudContract = (open: () => Promise<SwitchableCloud>): void => {
  const on = (test: (trial: SwitchableCloud) => Promise<void>) => tried(open, test);

  describe('a write whose answer tells nothing', () => {
    it.each<[string, Fault, number]>([
      ['was lost on the way back', { kind: 'answer-lost', on: ['create'] }, 1],
      ['was lost on the way there', { kind: 'request-lost', on: ['create'] }, 0],
      ['is an error although the work was taken on', { kind: 'error-after-accept', on: ['create'] }, 1],
      ['is a bad gateway', { kind: 'bad-gateway', on: ['create'] }, 0],
      ['is a gateway’s time-out', { kind: 'gateway-timeout', on: ['create'] }, 0],
      ['never comes', { kind: 'hangs', on: ['create'] }, 1],
    ])('is unknown when it %s, is sent once, and its disk is found by its marker', (_, fault, made) =>
      on(async (trial) => {
        const { cloud, switches } = trial;
        await switches.faults(fault);
        const wish = blankDisk(trial);
        const sent = await cloud.createDisk(wish, { ...soon, timeoutMs: fault.kind === 'hangs' ? 300 : 30_000 });
        expect(sent).toMatchObject({ outcome: 'unknown' });
        expect(await switches.calls('create')).toBe(1);
        expect(await switches.disks()).toHaveLength(made);
        expect(await idsFor(cloud, wish.marker)).toEqual(await switches.disks());
      })(),
    );

    it.each<[string, (cloud: DiskCloud, id: string) => Promise<Sent>, 'extend' | 'delete' | 'rename']>([
      ['an extension', (cloud, id) => cloud.extendDisk(id, 20, soon), 'extend'],
      ['a deletion', (cloud, id) => cloud.deleteDisk(id, soon), 'delete'],
      ['a change', (cloud, id) => cloud.changeDisk(id, { name: 'n' }, soon), 'rename'],
    ])('is unknown for %s too, and may be repeated', (_, write, call) =>
      on(async (trial) => {
        const { cloudId } = await makeDisk(trial);
        await trial.switches.faults({ kind: 'answer-lost', on: [call], times: 1 });
        expect(await write(trial.cloud, cloudId)).toMatchObject({ outcome: 'unknown' });
        const again = await write(trial.cloud, cloudId);
        expect(['accepted', 'refused']).toContain(again.outcome);
        if (again.outcome === 'refused') expect(['state-conflict', 'not-found']).toContain(again.reason);
      })(),
    );

    it(
      'is unknown when only a part of a change is known to have happened',
      on(async (trial) => {
        const disk = await makeDisk(trial, { tags: { a: '1' } });
        await trial.switches.faults({ kind: 'throttled', on: ['tag'] });
        const sent = await trial.cloud.changeDisk(disk.cloudId, { name: 'half', tags: { a: '2' } }, soon);
        expect(sent).toMatchObject({ outcome: 'unknown' });
        expect(await trial.cloud.findDisk(disk.cloudId)).toEqual({ ...disk, name: 'half' });
      }),
    );
  });

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

  describe('a disk that is looked for by its marker', () => {
    it(
      'is absent from lists that lag, and found when they have caught up',
      on(async (trial) => {
        const { cloud, switches } = trial;
        await switches.faults({ kind: 'list-lags', seconds: 30, on: ['list', 'search'] });
        const wish = blankDisk(trial);
        acceptedAs(await cloud.createDisk(wish, soon));
        expect(await idsFor(cloud, wish.marker)).toEqual([]);
        await switches.moveClockBy(31_000);
        expect(await idsFor(cloud, wish.marker)).toEqual(await switches.disks());
      }),
    );

    const searches: readonly Fault[] = [
      { kind: 'metadata-filter-ignored', on: ['list'] },
      { kind: 'tag-search-off', answer: 'not-found', on: ['search'] },
      { kind: 'tag-search-off', answer: 'empty', on: ['search'] },
      { kind: 'bad-gateway', on: ['search'] },
    ];
    const combinations: readonly (readonly Fault[])[] = [
      [],
      ...searches.map((fault) => [fault]),
      ...searches.slice(1).flatMap((fault) => searches.slice(0, 1).map((filter) => [filter, fault])),
    ];
    it(
      'is found among many others whatever search fails, and only it',
      on(async (trial) => {
        const [oldest = ''] = (await createMany(trial, 1)).slice(0, 1);
        await createMany(trial, 260);
        const nobodys = markerOf(randomUUID(), 1);
        for (const faults of combinations) {
          await trial.switches.faults(...faults);
          const found = await trial.cloud.findDisksByMarker(oldest, aMinuteAgo());
          expect(
            found.map(({ marker }) => marker),
            JSON.stringify(faults),
          ).toEqual([oldest]);
          expect(await idsFor(trial.cloud, nobodys), JSON.stringify(faults)).toEqual([]);
        }
      }),
    );
  });

  describe('a job', () => {
    it(
      'runs until it has ended, and names its disk on the way',
      on(async (trial) => {
        await trial.switches.faults({ kind: 'job-stuck', on: ['create'] });
        const { jobId } = acceptedAs(await trial.cloud.createDisk(blankDisk(trial), soon));
        await trial.switches.moveClockBy(day / 2);
        const [cloudId] = await trial.switches.disks();
        expect(await trial.cloud.lookAtJob(jobId ?? '')).toEqual({ state: 'running', cloudId });
        const sent = await trial.cloud.deleteDisk(cloudId ?? '', soon);
        expect(sent).toMatchObject({ outcome: 'refused', reason: 'state-conflict' });
      }),
    );

    it(
      'that failed says why, and which disk it left behind',
      on(async (trial) => {
        await trial.switches.faults({ kind: 'job-failed', on: ['create'] });
        const job = await jobOf(trial, await trial.cloud.createDisk(blankDisk(trial), soon));
        const [cloudId = ''] = await trial.switches.disks();
        expect(job).toMatchObject({ state: 'failed', cloudId, fault: { code: expect.stringMatching(/^EVS\.\d{4}$/) } });
        await diskWith(trial, cloudId, ({ status }) => status === 'error');
      }),
    );

    it(
      'that failed may leave nothing',
      on(async (trial) => {
        await trial.switches.faults({ kind: 'job-failed', leavesNothing: true, on: ['create'] });
        const wish = blankDisk(trial);
        expect(await jobOf(trial, await trial.cloud.createDisk(wish, soon))).toMatchObject({ state: 'failed' });
        expect(await idsFor(trial.cloud, wish.marker)).toEqual([]);
      }),
    );

    it(
      'that the cloud forgot is unheard of, and its disk is found all the same',
      on(async (trial) => {
        await trial.switches.faults({ kind: 'job-lost', on: ['create'] });
        const wish = blankDisk(trial);
        const { jobId } = acceptedAs(await trial.cloud.createDisk(wish, soon));
        expect(await trial.cloud.lookAtJob(jobId ?? '')).toEqual({ state: 'unheard-of' });
        expect(await trial.cloud.lookAtJob('never-was')).toEqual({ state: 'unheard-of' });
        expect(await idsFor(trial.cloud, wish.marker)).toEqual(await trial.switches.disks());
      }),
    );
  });

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

  describe('an access', () => {
    it(
      'is renewed when it ends in the middle of work, once for all',
      on(async (trial) => {
        const { cloud, switches } = trial;
        const disk = await makeDisk(trial);
        expect(await switches.calls('login')).toBe(1);
        await switches.moveClockBy(day + 1);
        const looks = await Promise.all(Array.from({ length: 20 }, () => cloud.findDisk(disk.cloudId)));
        expect(looks).toEqual(Array(20).fill(disk));
        expect(await switches.calls('login')).toBe(2);
        await switches.moveClockBy(day + 1);
        expect(await cloud.createDisk(blankDisk(trial), soon)).toMatchObject({ outcome: 'accepted' });
        expect(await switches.disks()).toHaveLength(2);
        expect(await switches.calls('login')).toBe(3);
      }),
    );

    it(
      'with a wrong password is tried once, and does nothing',
      on(async (trial) => {
        const { intruder, switches } = trial;
        for (let time = 1; time <= 3; time += 1) {
          expect(await intruder.check()).toMatchObject({ ok: false });
          await expect(intruder.quota()).rejects.toMatchObject({ name: 'CloudSilent', why: 'unauthenticated' });
          const sent = await intruder.createDisk(blankDisk(trial), soon);
          expect(sent).toMatchObject({ outcome: 'not-now', why: 'unavailable' });
        }
        expect(await switches.calls('login')).toBe(1);
        expect(await switches.disks()).toEqual([]);
      }),
    );

    it(
      'that cannot be had is no answer, and nothing happened',
      on(async (trial) => {
        await trial.switches.faults({ kind: 'hangs', on: ['login'] });
        const sent = await trial.cloud.createDisk(blankDisk(trial), { ...soon, timeoutMs: 200 });
        expect(sent).toMatchObject({ outcome: 'not-now', why: 'unavailable' });
        await trial.switches.faults();
        expect(await trial.switches.disks()).toEqual([]);
      }),
    );
  });
};
