import { statusOf, type DiskCommand } from '@strata/disks';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let disk: Awaited<ReturnType<WorkUnderTest['provisioned']>>;

forEachWork(async (started) => {
  work = started;
  disk = await work.provisioned();
});

const ask = (kind: string, input: object, command: Partial<DiskCommand>) => {
  const { diskId, cloudId } = disk;
  return work.request(kind, diskId, { diskId, cloudId, ...input }, command);
};
const recreate = async () => work.carryOut(await ask('disk.recreate', spec, { type: 'RequestRecreation' }));
/** Gone from the cloud, and seen to be. */
const lose = async () => {
  await work.simulate(`disks/${disk.cloudId}`, { delete: true });
  await work.carryOut(await ask('disk.refresh', {}, { type: 'RequestRefresh' }));
  expect(statusOf(await work.diskNow(disk.diskId))).toBe('error');
};

describe('making a disk anew', () => {
  it.each([undefined, 'drop-answer', 'error-after-accept', 'hang', 'drop-request'] as const)(
    'ends with one in the cloud, charged as one (%s)',
    async (kind) => {
      await lose();
      if (kind) await work.faults({ kind, times: 1, match: { operation: 'disks.create' } });
      const { operation } = await recreate();
      expect(operation.status).toBe('succeeded');
      const now = await work.diskNow(disk.diskId);
      expect(statusOf(now)).toBe('available');
      expect(await work.disksInCloud()).toMatchObject([{ cloudId: now.life === 'in-cloud' && now.cloudId }]);
      expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
    },
  );

  it('sends nothing when the disk is there again', async () => {
    await lose();
    await work.simulate('latency', { jobMs: 0 });
    const found = Object.assign(Object.create(work.cloud) as typeof work.cloud, {
      findDisk: async () => (await work.disksInCloud())[0] ?? null,
    });
    await work.strangersDisk({});
    const operationId = await ask('disk.recreate', spec, { type: 'RequestRecreation' });
    const { operation } = await work.carryOut(operationId, work.patiently({ cloudOf: () => Promise.resolve(found) }));
    expect(operation).toMatchObject({ status: 'failed', error: { cloud: { code: 'not-gone' } } });
    expect(await work.disksInCloud()).toHaveLength(1);
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('error');
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('leaves it missing when the cloud could not', async () => {
    await lose();
    await work.faults({ kind: 'job-failed', times: 1, leaveNothing: true });
    expect((await recreate()).operation.status).toBe('failed');
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
    expect((await recreate()).operation.status).toBe('succeeded');
  });
});
