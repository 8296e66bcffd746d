import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { diskWith, jobOf, makeDisk, removeDisk, soon, tried, type CloudOnTrial } from './trial.js';

export interface WithTypes {
  /** What a disk of the place can become, in its zone. */
  readonly otherType: string;
}

/** What every cloud must do whose disks can change their type, a real one too. */
export const retypeContract = (open: () => Promise<CloudOnTrial & WithTypes>): void => {
  const on = (test: (trial: CloudOnTrial & WithTypes) => Promise<void>) => tried(open, test);

  describe('a cloud of disks of several types', () => {
    it(
      'changes the type of a disk, and leaves the rest',
      on(async (trial) => {
        const { cloud, otherType } = trial;
        const disk = await makeDisk(trial, { name: 'ledger', tags: { team: 'a' }, metadata: { owner: 'b' } });
        const job = await jobOf(trial, await cloud.retypeDisk(disk.cloudId, otherType, soon));
        expect(job).toMatchObject({ state: 'succeeded', cloudId: disk.cloudId });
        await diskWith(trial, disk.cloudId, ({ type, status }) => type === otherType && status === 'available');
        expect(await cloud.findDisk(disk.cloudId)).toEqual({ ...disk, type: otherType });
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'refuses the type that the disk has, and one that is not there',
      on(async (trial) => {
        const { cloud } = trial;
        const disk = await makeDisk(trial);
        const same = await cloud.retypeDisk(disk.cloudId, disk.type, soon);
        expect(same).toMatchObject({ outcome: 'refused' });
        const nothing = await cloud.retypeDisk(disk.cloudId, 'no-such-type', soon);
        expect(nothing).toMatchObject({ outcome: 'refused', reason: 'type-unavailable' });
        expect(await cloud.findDisk(disk.cloudId)).toEqual(disk);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'knows nothing of a disk that never was, and sends nothing too late',
      on(async (trial) => {
        const { cloud, otherType } = trial;
        const sent = await cloud.retypeDisk(randomUUID(), otherType, soon);
        expect(sent).toMatchObject({ outcome: 'refused', reason: 'not-found' });
        const disk = await makeDisk(trial);
        const late = { timeoutMs: 30_000, mayStillSend: () => false };
        expect(await cloud.retypeDisk(disk.cloudId, otherType, late)).toMatchObject({
          outcome: 'not-now',
          why: 'unavailable',
        });
        expect(await cloud.findDisk(disk.cloudId)).toEqual(disk);
        await removeDisk(trial, disk.cloudId);
      }),
    );
  });
};
