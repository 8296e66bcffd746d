import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { markerOf, type DiskCloud, type Sent } from '../disk-cloud.js';
import {
  acceptedAs,
  aMinuteAgo,
  blankDisk,
  createMany,
  diskWith,
  idsFor,
  jobOf,
  makeDisk,
  soon,
  tried,
  type Fault,
  type Reach,
  type SwitchableCloud,
} from './trial.js';

const day = 24 * 3_600_000;

/** How it is found out what came of a write: its answer may be lost, the lists may lag, and a job may end in any way. */
export const lostAnswersContract = (open: () => Promise<SwitchableCloud>, reach: Reach): void => {
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
        await cloud.check();
        await switches.faults(fault);
        const wish = blankDisk(trial);
        const sent = await cloud.createDisk(wish, { ...soon, timeoutMs: fault.kind === 'hangs' ? 300 : 30_000 });
        expect(sent).toMatchObject({ outcome: 'unknown' });
        // A request that was given up may reach the cloud after that.
        await expect.poll(() => switches.calls('create')).toBe(1);
        await expect.poll(() => switches.disks()).toHaveLength(made);
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

  describe('a disk that is looked for by its marker', () => {
    if (reach.clock)
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
        await createMany(trial, Math.min(260, reach.roomFor - 1));
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

  if (reach.jobs)
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
          expect(job).toMatchObject({
            state: 'failed',
            cloudId,
            fault: { code: expect.stringMatching(/^EVS\.\d{4}$/) },
          });
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
};
