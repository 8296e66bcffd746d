import { statusOf, type Disk } from '@strata/disks';
import type { DiskId } from '@strata/kernel';
import { describe, expect, it, vi } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { seenAtWork } from './contract/seen-at-work.js';
import { spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;

forEachWork((started) => void (work = started));

const requestRetype = (diskId: DiskId, cloudId: string, type = 'ESSD') =>
  work.request(
    'disk.retype',
    diskId,
    { diskId, cloudId, type, availabilityZone: spec.availabilityZone },
    { type: 'RequestRetype', diskType: type },
  );
const typeOf = (disk: Disk) => (disk.life === 'in-cloud' ? disk.type : undefined);

/** Held and used, of each type. */
const figures = async () => {
  const ofType = async (type: string) => {
    const { held = 0, used = 0 } = await work.figuresOf(`gigabytes:${type}`);
    return [held, used];
  };
  return { SSD: await ofType('SSD'), ESSD: await ofType('ESSD'), all: await ofAll() };
};
const ofAll = async () => {
  const { held = 0, used = 0 } = await work.figures();
  return [held, used];
};

const unchanged = { SSD: [0, 20], ESSD: [0, 0], all: [0, 20] };
const changed = { SSD: [0, 0], ESSD: [0, 20], all: [0, 20] };

describe('changing the type of a disk', () => {
  it.each([undefined, 'drop-answer', 'error-after-accept', 'hang'] as const)(
    'is done once, and moves what is used to the new type (%s)',
    async (kind) => {
      const { diskId, cloudId } = await work.provisioned();
      if (kind) await work.faults({ kind, times: 1, match: { operation: 'disks.retype' } });
      const operationId = await requestRetype(diskId, cloudId);
      expect(await figures()).toEqual({ SSD: [0, 20], ESSD: [20, 0], all: [0, 20] });
      const { operation } = await work.carryOut(operationId);
      expect(operation.status).toBe('succeeded');
      const disk = await work.diskNow(diskId);
      expect([typeOf(disk), statusOf(disk)]).toEqual(['ESSD', 'available']);
      expect(await work.disksInCloud()).toMatchObject([{ type: 'ESSD', status: 'available' }]);
      expect(await figures()).toEqual(changed);
    },
  );

  it('is told by the disk when the cloud has forgotten the job, under whatever name it shows it', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.simulate('readings', { retypeStatus: 'changing-disk-type' });
    await work.faults({ kind: 'job-lost', match: { operation: 'disks.retype' } });
    const ports = await seenAtWork(work);
    const { operation } = await work.carryOut(await requestRetype(diskId, cloudId), ports);
    expect(operation.status).toBe('succeeded');
    expect(typeOf(await work.diskNow(diskId))).toBe('ESSD');
  });

  it('leaves the disk as it was when it fails, whether a job tells it or not', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const match = { operation: 'disks.retype' };
    await work.faults({ kind: 'job-failed', match });
    const told = await work.carryOut(await requestRetype(diskId, cloudId));
    expect(told.operation).toMatchObject({ status: 'failed', error: { cloud: { code: 'EVS.5500' } } });
    expect(await figures()).toEqual(unchanged);

    await work.faults({ kind: 'job-failed', match }, { kind: 'drop-answer', times: 1, match });
    const seen = await work.carryOut(await requestRetype(diskId, cloudId), await seenAtWork(work));
    expect(seen.operation).toMatchObject({ status: 'failed', error: { cloud: { code: 'type-unchanged' } } });
    expect(await figures()).toEqual(unchanged);
    expect(statusOf(await work.diskNow(diskId))).toBe('available');
  });

  it('waits while ten others are changing theirs, and nothing is lost', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const others = await Promise.all(Array.from({ length: 10 }, () => work.provisioned()));
    await work.simulate('latency', { jobMs: 3_600_000 });
    for (const each of others)
      await work.cloud.retypeDisk(each.cloudId, 'ESSD', { timeoutMs: 5_000, mayStillSend: () => true });
    const ending = work.carryOut(await requestRetype(diskId, cloudId));
    await vi.waitFor(
      async () => expect((await work.requests())['disks.retype']).toBeGreaterThan(others.length + 1),
      30_000,
    );
    await work.simulate('latency', { jobMs: 0 });
    await work.simulate('clock', { advanceMs: 3_600_000 });
    const { operation } = await ending;
    expect(operation).toMatchObject({ status: 'succeeded' });
    expect(operation.status === 'succeeded' && operation.attempts).toBeGreaterThan(1);
    expect(typeOf(await work.diskNow(diskId))).toBe('ESSD');
  });

  it('ends as refused when the cloud does not want to', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.simulate('readings', { retypeTarget: 'higher-only' });
    const { operation } = await work.carryOut(await requestRetype(diskId, cloudId, 'GPSSD'));
    const error = { code: 'disk-type-unavailable', owner: 'you', cloud: { code: 'EVS.2087' } };
    expect(operation).toMatchObject({ status: 'failed', error });
    expect(await figures()).toMatchObject({ SSD: [0, 20] });
  });

  it('keeps both types charged when the cloud does not bring it to an end, until the next look', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'job-stuck', match: { operation: 'disks.retype' } });
    const operationId = await requestRetype(diskId, cloudId);
    let aheadMs = 0;
    const nowMs = () => Date.now() + (aheadMs += 60 * 60_000);
    const { operation } = await work.carryOut(operationId, work.patiently({ nowMs }));
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'stuck-in-cloud' } });
    expect(statusOf(await work.diskNow(diskId))).toBe('error');
    expect(await figures()).toEqual({ SSD: [0, 20], ESSD: [20, 0], all: [0, 20] });
    await work.simulate(`disks/${cloudId}`, { status: 'available' });
    const refresh = await work.request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' });
    await work.carryOut(refresh);
    expect(statusOf(await work.diskNow(diskId))).toBe('available');
    expect(await figures()).toEqual(unchanged);
  });
});
