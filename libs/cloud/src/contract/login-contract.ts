import { describe, expect, it } from 'vitest';
import { blankDisk, makeDisk, soon, tried, type Reach, type SwitchableCloud } from './trial.js';

const day = 24 * 3_600_000;

/** What must hold of an access that one has to log in for. */
export const loginContract = (open: () => Promise<SwitchableCloud>, reach: Reach): void => {
  const on = (test: (trial: SwitchableCloud) => Promise<void>) => tried(open, test);

  describe('an access', () => {
    if (reach.clock)
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
