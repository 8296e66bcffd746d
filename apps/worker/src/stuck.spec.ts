import { allowedActions, statusOf } from '@strata/disks';
import type { StepPorts } from '@strata/operations';
import type { DiskCloud } from '@strata/cloud';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;

forEachWork((started) => void (work = started));

const minuteMs = 60_000;

/** As if so much later than it is, after the work was sent: each step makes another so late. */
const minutesLater = (...minutes: readonly number[]): StepPorts<DiskCloud> => {
  let steps = 0;
  const laterMs = () => (minutes[Math.min(steps - 1, minutes.length - 1)] ?? 0) * minuteMs;
  return work.ports({
    nowMs: () => Date.now() + laterMs(),
    passed: (point) => {
      if (point === 'loaded') steps += 1;
      return Promise.resolve();
    },
    patienceOf: () => ({ sendWithinMs: 10_000, requestTimeoutMs: 15_000, visibilityMs: 120_000 }),
  });
};

const typesOf = ({ events }: { readonly events: readonly { readonly type: string }[] }) =>
  events.map(({ type }) => type);

describe('something that the cloud is at for too long', () => {
  it('is suspected to be stuck once, looked at on and on, and done when it is done after all', async () => {
    await work.simulate('latency', { jobMs: 200 });
    await work.simulate('clock', { rate: 0 });
    const { diskId, operationId } = await work.requestDisk();
    let looks = 0;
    const later = minutesLater(0, 16, 20, 25);
    const history = await work.carryOut(operationId, {
      ...later,
      passed: async (point, id) => {
        await later.passed(point, id);
        if (point === 'cloud-looked-at' && (looks += 1) === 3) await work.simulate('clock', { advanceMs: 300 });
      },
    });
    expect(history.operation.status).toBe('succeeded');
    expect(typesOf(history).filter((type) => type === 'OperationStuckSuspected')).toHaveLength(1);
    expect(statusOf(await work.diskNow(diskId))).toBe('available');
  });

  it('fails by name after its deadline, and leaves a disk in quarantine that is charged', async () => {
    await work.faults({ kind: 'job-stuck', times: 1 });
    const { diskId, operationId } = await work.requestDisk();
    const history = await work.carryOut(operationId, minutesLater(0, 16, 20, 61));
    expect(typesOf(history).filter((type) => type.startsWith('Operation'))).toEqual([
      'OperationRequested',
      'OperationStuckSuspected',
      'OperationFailed',
    ]);
    expect(history.operation).toMatchObject({ error: { code: 'stuck-in-cloud', owner: 'cloud', retryable: false } });
    const disk = await work.diskNow(diskId);
    expect(disk).toMatchObject({ life: 'in-cloud', condition: 'creating', fault: { code: 'stuck-in-cloud' } });
    expect(statusOf(disk)).toBe('error');
    expect(allowedActions(disk)).toEqual(['refresh']);
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('is tried again only where nothing of it is left in the cloud', async () => {
    await work.faults({ kind: 'job-stuck', times: 1 });
    const { diskId, operationId } = await work.requestDisk();
    const late = minutesLater(0, 61);
    const history = await work.carryOut(operationId, {
      ...late,
      passed: async (point, id) => {
        await late.passed(point, id);
        const [disk] = point === 'answer-recorded' ? await work.disksInCloud() : [];
        if (disk) await work.simulate(`disks/${disk.cloudId}`, { delete: true });
      },
    });
    const remedy = 'Nothing in the cloud stands in the way of another attempt; retry.';
    const error = { code: 'stuck-in-cloud', retryable: true, remedy };
    expect(history.operation).toMatchObject({ status: 'failed', error });
    expect(await work.diskNow(diskId)).toMatchObject({ life: 'requested', open: null });
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });

  it('leaves quarantine when a look shows that it was mended, and stays there until then', async () => {
    await work.faults({ kind: 'job-stuck', times: 1 });
    const { diskId, operationId } = await work.requestDisk();
    await work.carryOut(operationId, minutesLater(0, 61));
    const [inCloud] = await work.disksInCloud();
    const { cloudId = '' } = inCloud ?? {};
    const refresh = async () =>
      work.carryOut(await work.request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' }));
    await refresh();
    expect(await work.diskNow(diskId)).toMatchObject({ condition: 'creating', fault: { code: 'stuck-in-cloud' } });
    await work.simulate(`disks/${cloudId}`, { status: 'available' });
    await refresh();
    expect(await work.diskNow(diskId)).toMatchObject({ condition: 'available', fault: null });
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('is concluded from the disk when its job is stuck and the disk is broken', async () => {
    await work.faults({ kind: 'job-stuck', times: 1 });
    const { diskId, operationId } = await work.requestDisk();
    let looks = 0;
    const breaking = minutesLater(0, 16);
    const history = await work.carryOut(operationId, {
      ...breaking,
      passed: async (point, id) => {
        await breaking.passed(point, id);
        const [disk] = point === 'loaded' && (looks += 1) === 2 ? await work.disksInCloud() : [];
        if (disk) await work.simulate(`disks/${disk.cloudId}`, { status: 'error' });
      },
    });
    expect(history.operation).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud' } });
    expect(allowedActions(await work.diskNow(diskId))).toContain('delete');
  });

  it('holds what an extension may still take, and lets it go when the size is seen', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'job-stuck', times: 1 });
    const command = { type: 'RequestExtension', sizeGiB: 30 };
    await work.carryOut(
      await work.request('disk.extend', diskId, { diskId, cloudId, sizeGiB: 30 }, command),
      minutesLater(0, 61),
    );
    expect(await work.figures()).toEqual({ held: 10, used: 20, releasing: 0 });
    const refresh = async () =>
      work.carryOut(await work.request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' }));
    await refresh();
    expect(await work.figures()).toEqual({ held: 10, used: 20, releasing: 0 });
    await work.simulate(`disks/${cloudId}`, { status: 'available', size: 30 });
    await refresh();
    expect(await work.figures()).toEqual({ held: 0, used: 30, releasing: 0 });
  });

  it('is charged as in use while its deletion is stuck', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'job-stuck', times: 1 });
    const command = { type: 'RequestDeletion' };
    await work.carryOut(await work.request('disk.delete', diskId, { diskId, cloudId }, command), minutesLater(0, 61));
    expect(await work.diskNow(diskId)).toMatchObject({ condition: 'deleting', fault: { code: 'stuck-in-cloud' } });
    expect(allowedActions(await work.diskNow(diskId))).toEqual(['refresh']);
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('is given up without a look only when the cloud stays silent for as long again', async () => {
    await work.faults({ kind: 'job-stuck', times: 1 });
    const { diskId, operationId } = await work.requestDisk();
    const ports = minutesLater(0, 61, 121);
    let opened = 0;
    const history = await work.carryOut(operationId, {
      ...ports,
      cloudOf: () => Promise.resolve((opened += 1) === 1 ? work.cloud : undefined),
    });
    expect(history.operation).toMatchObject({ status: 'failed', error: { code: 'stuck-in-cloud' } });
    expect(await work.diskNow(diskId)).toMatchObject({ open: null });
  });
});
