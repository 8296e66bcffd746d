import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  acceptedAs,
  diskWith,
  jobOf,
  makeDisk,
  removeDisk,
  soon,
  tried,
  type CloudOnTrial,
  type Fault,
  type SwitchableCloud,
} from './trial.js';

export interface WithServers {
  /** Two running servers in the zone of the place. */
  readonly servers: readonly [string, string];
}

/** Attaches a disk and waits until the server has it. */
const attached = async (trial: CloudOnTrial & WithServers, cloudId: string): Promise<void> => {
  const [serverId] = trial.servers;
  const job = await jobOf(trial, await trial.cloud.attachDisk(cloudId, serverId, null, soon));
  expect(job).toMatchObject({ state: 'succeeded', cloudId });
  await diskWith(trial, cloudId, ({ status }) => status === 'in-use');
};

const detached = async (trial: CloudOnTrial & WithServers, cloudId: string): Promise<void> => {
  await jobOf(trial, await trial.cloud.detachDisk(cloudId, trial.servers[0], soon));
  await diskWith(trial, cloudId, ({ status }) => status === 'available');
};

/** What every cloud that has servers must do with disks and them, a real one too. */
export const attachmentContract = (open: () => Promise<CloudOnTrial & WithServers>): void => {
  const on = (test: (trial: CloudOnTrial & WithServers) => Promise<void>) => tried(open, test);

  describe('a cloud of disks and servers', () => {
    it(
      'attaches a disk, shows where it is, and detaches it',
      on(async (trial) => {
        const disk = await makeDisk(trial, { metadata: { owner: 'a' } });
        await attached(trial, disk.cloudId);
        const [serverId] = trial.servers;
        const device = expect.stringMatching(/^\/dev\/[sv]d[a-z]$/) as string;
        expect(await trial.cloud.findDisk(disk.cloudId)).toEqual({
          ...disk,
          status: 'in-use',
          cloudStatus: 'in-use',
          attachments: [{ serverId, device }],
        });
        await detached(trial, disk.cloudId);
        expect(await trial.cloud.findDisk(disk.cloudId)).toEqual(disk);
        await removeDisk(trial, disk.cloudId);
      }),
    );

    it(
      'says that a disk is elsewhere, there already, or not there',
      on(async (trial) => {
        const { cloud, servers } = trial;
        const { cloudId } = await makeDisk(trial);
        const conflict = { outcome: 'refused', reason: 'state-conflict' };
        expect(await cloud.detachDisk(cloudId, servers[0], soon)).toMatchObject(conflict);
        await attached(trial, cloudId);
        for (const serverId of servers)
          expect(await cloud.attachDisk(cloudId, serverId, null, soon)).toMatchObject(conflict);
        expect(await cloud.deleteDisk(cloudId, soon)).toMatchObject(conflict);
        await detached(trial, cloudId);
        await removeDisk(trial, cloudId);
      }),
    );

    it(
      'knows nothing of a server that never was',
      on(async (trial) => {
        const { cloudId } = await makeDisk(trial);
        const nobody = randomUUID();
        const notFound = { outcome: 'refused', reason: 'not-found' };
        expect(await trial.cloud.attachDisk(cloudId, nobody, null, soon)).toMatchObject(notFound);
        expect(await trial.cloud.detachDisk(cloudId, nobody, soon)).toMatchObject(notFound);
        await removeDisk(trial, cloudId);
      }),
    );

    it(
      'neither attaches nor detaches once sending is not allowed any more',
      on(async (trial) => {
        const { cloud, servers } = trial;
        const disk = await makeDisk(trial);
        const late = { timeoutMs: 30_000, mayStillSend: () => false };
        const unsent = { outcome: 'not-now', why: 'unavailable' };
        expect(await cloud.attachDisk(disk.cloudId, servers[0], null, late)).toMatchObject(unsent);
        expect(await cloud.detachDisk(disk.cloudId, servers[0], late)).toMatchObject(unsent);
        expect(await cloud.findDisk(disk.cloudId)).toEqual(disk);
        await removeDisk(trial, disk.cloudId);
      }),
    );
  });
};

const lostAfterEffect: readonly Fault['kind'][] = ['answer-lost', 'error-after-accept'];

/** What must hold when such a cloud fails; only for clouds that can be told to. */
export const faultyAttachmentContract = (open: () => Promise<SwitchableCloud & WithServers>): void => {
  const on = (test: (trial: SwitchableCloud & WithServers) => Promise<void>) => tried(open, test);

  describe('a cloud of disks and servers that fails', () => {
    it.each(lostAfterEffect)('leaves it open whether a disk was attached or detached: %s', (kind) =>
      on(async (trial) => {
        const { cloud, servers, switches } = trial;
        const { cloudId } = await makeDisk(trial);
        await switches.faults({ kind, on: ['attach', 'detach'] } as Fault);
        expect(await cloud.attachDisk(cloudId, servers[0], null, soon)).toMatchObject({ outcome: 'unknown' });
        await diskWith(trial, cloudId, ({ attachments }) => attachments[0]?.serverId === servers[0]);
        expect(await cloud.detachDisk(cloudId, servers[0], soon)).toMatchObject({ outcome: 'unknown' });
        await diskWith(trial, cloudId, ({ status }) => status === 'available');
        expect([await switches.calls('attach'), await switches.calls('detach')]).toEqual([1, 1]);
      })(),
    );

    it(
      'says for certain that nothing happened when it throttles',
      on(async ({ cloud, servers, switches }) => {
        await switches.faults({ kind: 'throttled', on: ['attach'] });
        const sent = await cloud.attachDisk(randomUUID(), servers[0], null, soon);
        expect(sent).toMatchObject({ outcome: 'not-now', why: 'throttled' });
      }),
    );

    it(
      'tells why an attachment failed, and leaves the disk as it was',
      on(async (trial) => {
        const { cloud, servers, switches } = trial;
        const disk = await makeDisk(trial);
        await switches.faults({ kind: 'job-failed', on: ['attach'] });
        const job = await jobOf(trial, await cloud.attachDisk(disk.cloudId, servers[0], null, soon));
        expect(job).toMatchObject({ state: 'failed', fault: { code: 'Ecs.0205' } });
        await diskWith(trial, disk.cloudId, ({ status }) => status === 'available');
      }),
    );

    it(
      'has forgotten the job of an attachment that goes on',
      on(async (trial) => {
        const { cloud, servers, switches } = trial;
        const { cloudId } = await makeDisk(trial);
        await switches.faults({ kind: 'job-lost', on: ['attach'] });
        const { jobId } = acceptedAs(await cloud.attachDisk(cloudId, servers[0], null, soon));
        expect(await cloud.lookAtJob(jobId ?? '')).toEqual({ state: 'unheard-of' });
        await diskWith(trial, cloudId, ({ status }) => status === 'in-use');
      }),
    );
  });
};
