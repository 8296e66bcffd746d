import type { DiskCloud } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { diskStream, statusOf } from '@strata/disks';
import { everything } from '@strata/event-store';
import { OperationId, ProjectId } from '@strata/kernel';
import { operationEvent, runStep, type StepPorts } from '@strata/operations';
import type { NextStep } from '@strata/queue';
import type { FaultSpec } from '@strata/simulator';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { fullPatience } from './contract/moved-clock.js';
import { cloudProjectId, spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;

forEachWork((started) => void (work = started));

describe('carrying out the creation of a disk', () => {
  it('ends with one disk in the cloud, available and charged', async () => {
    const { diskId, operationId } = await work.requestDisk();
    const { operation, events } = await work.carryOut(operationId);
    expect(operation.status).toBe('succeeded');
    expect(events.map(({ type }) => type)).toEqual([
      'OperationRequested',
      'SendIntended',
      'SendAccepted',
      'OperationSucceeded',
    ]);
    expect(statusOf(await work.diskNow(diskId))).toBe('available');
    expect(await work.disksInCloud()).toMatchObject([{ name: 'ledger', sizeGiB: 20, marker: `${operationId}.1` }]);
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it.each<FaultSpec>([
    { kind: 'drop-answer', times: 1, match: { operation: 'disks.create' } },
    { kind: 'error-after-accept', times: 1, match: { operation: 'disks.create' } },
    { kind: 'hang', times: 1, match: { operation: 'disks.create' } },
  ])('adopts the disk of a lost answer ($kind) and sends no second time', async (fault) => {
    await work.faults(fault);
    const { diskId, operationId } = await work.requestDisk();
    const { operation, events } = await work.carryOut(operationId);
    expect(operation.status).toBe('succeeded');
    expect(events.filter(({ type }) => type === 'SendIntended')).toHaveLength(1);
    expect(await work.disksInCloud()).toMatchObject([{ marker: `${operationId}.1` }]);
    expect(statusOf(await work.diskNow(diskId))).toBe('available');
  });

  it('sends again when a request was lost on its way, after looking for long enough', async () => {
    await work.faults({ kind: 'drop-request', times: 1, match: { operation: 'disks.create' } });
    const { operationId } = await work.requestDisk();
    const { operation, events } = await work.carryOut(operationId);
    expect(operation.status).toBe('succeeded');
    const presumed = events.find((event) => event.type === 'SendPresumedAbsent');
    expect(presumed?.data).toMatchObject({ attempt: 1 });
    expect(await work.disksInCloud()).toMatchObject([{ marker: `${operationId}.2` }]);
  });

  it('waits and sends again when the cloud says too many requests', async () => {
    await work.faults({ kind: 'throttle', times: 2, match: { operation: 'disks.create' } });
    const { operationId } = await work.requestDisk();
    const { operation } = await work.carryOut(operationId);
    expect(operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toHaveLength(1);
  });

  it('leaves nothing held when the cloud refuses', async () => {
    const { diskId, operationId } = await work.requestDisk();
    await fetch(`${work.simulator.url}/_simulator/projects/${cloudProjectId}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ quota: { volumes: 0 } }),
    });
    const { operation } = await work.carryOut(operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'cloud-quota-exceeded', owner: 'platform' } });
    expect(await work.diskNow(diskId)).toMatchObject({ life: 'requested', fault: { code: 'cloud-quota-exceeded' } });
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });

  it('keeps charging what a failed job left behind in error', async () => {
    await work.faults({ kind: 'job-failed', times: 1 });
    const { diskId, operationId } = await work.requestDisk();
    const { operation } = await work.carryOut(operationId);
    const error = { code: 'failed-in-cloud', retryable: false, remedy: expect.stringMatching(/^Delete what was left/) };
    expect(operation).toMatchObject({ status: 'failed', error });
    expect(await work.diskNow(diskId)).toMatchObject({ life: 'in-cloud', condition: 'error' });
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('goes on when the worker dies between intent and write, and when another has gone on meanwhile', async () => {
    const { operationId } = await work.requestDisk();
    const dying = work.patiently({
      passed: (point) => (point === 'intent-recorded' ? Promise.reject(new Error('killed')) : Promise.resolve()),
    });
    await expect(work.carryOut(operationId, dying)).rejects.toThrow('killed');
    // All doubt about who died is over. From the next intent on the real clock keeps the two apart, who share it: one looks
    // for long enough, but too soon, while the other is about to write.
    let aheadMs = 3 * 60_000;
    let looks = 0;
    const looked = Promise.withResolvers<undefined>();
    const going = work.ports({
      patienceOf: () => fullPatience,
      nowMs: () => Date.now() + aheadMs,
      monotonicMs: () => 0,
      passed: async (point) => {
        if (point === 'effect-looked-up' && aheadMs === 0 && (looks += 1) > 3) looked.resolve(undefined);
        if (point !== 'intent-recorded') return;
        aheadMs = 0;
        await looked.promise;
      },
    });
    const both = await Promise.all([work.carryOut(operationId, going), work.carryOut(operationId, going)]);
    for (const { operation } of both) expect(operation).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(await work.disksInCloud()).toHaveLength(1);
  });

  it('is cancelled at a safe point when that was asked for while the outcome was open', async () => {
    await work.faults({ kind: 'drop-request', times: 1, match: { operation: 'disks.create' } });
    const { diskId, operationId } = await work.requestDisk();
    await runStep(work.patiently(), operationId, {
      looks: 0,
      lastSeen: null,
      heldBy: null,
      holds: [],
      resources: [diskStream(diskId)],
    });
    const stream = `operation-${operationId}` as const;
    const [loaded] = (await work.store.load({ sight: everything, streams: [stream] })).streams;
    const wish = operationEvent('OperationCancelRequested', {});
    await work.append({
      streams: [{ stream, projectId: work.projectId, expectedVersion: loaded?.version ?? 0, events: [wish] }],
    });
    const { operation } = await work.carryOut(operationId);
    expect(operation.status).toBe('cancelled');
    expect(await work.disksInCloud()).toHaveLength(0);
    expect(await work.diskNow(diskId)).toMatchObject({ life: 'requested', fault: { code: 'cancelled' }, open: null });
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });
});

describe('carrying out work on a disk that is there', () => {
  it('extends it, and is done at once when it has that size already', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'drop-answer', times: 1, match: { operation: 'disks.extend' } });
    const command = { type: 'RequestExtension', sizeGiB: 30 };
    const { operation } = await work.carryOut(
      await work.request('disk.extend', diskId, { diskId, cloudId, sizeGiB: 30 }, command),
    );
    expect(operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toMatchObject([{ sizeGiB: 30 }]);
    expect(await work.figures()).toEqual({ held: 0, used: 30, releasing: 0 });
  });

  it('holds what an extension left undecided until the size is observed', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'job-failed', times: 1 });
    const command = { type: 'RequestExtension', sizeGiB: 30 };
    const input = { diskId, cloudId, sizeGiB: 30 };
    const { operation } = await work.carryOut(await work.request('disk.extend', diskId, input, command));
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud', retryable: false } });
    expect(await work.diskNow(diskId)).toMatchObject({
      condition: 'error-extending',
      cloudStatus: 'error_extending',
      sizeGiB: 20,
    });
    expect(await work.figures()).toEqual({ held: 10, used: 20, releasing: 0 });
    await work.carryOut(await work.request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' }));
    const [disk] = await work.disksInCloud();
    expect(await work.figures()).toEqual({ held: 0, used: disk?.sizeGiB, releasing: 0 });
  });

  it('changes name, tags and metadata', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const change = { name: 'renamed', tags: { team: 'ledger' }, metadata: { note: 'x' } };
    const command = { type: 'RequestChange', change };
    const { operation } = await work.carryOut(
      await work.request('disk.update', diskId, { diskId, cloudId, change }, command),
    );
    expect(operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toMatchObject([change]);
    expect(await work.diskNow(diskId)).toMatchObject(change);
  });

  it.each(['drop-answer', 'error-after-accept', 'drop-request'] as const)('sets its flags once (%s)', async (kind) => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind, times: 1, match: { operation: 'volumes.action' } });
    const change = { bootable: true, readOnly: true } as const;
    const request = await work.request(
      'disk.update',
      diskId,
      { diskId, cloudId, change },
      { type: 'RequestChange', change },
    );
    expect((await work.carryOut(request)).operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toMatchObject([change]);
    expect(await work.diskNow(diskId)).toMatchObject({ traits: change });
  });

  it.each<FaultSpec | undefined>([undefined, { kind: 'drop-answer', times: 1, match: { operation: 'disks.delete' } }])(
    'deletes it until its absence was observed (%o)',
    async (fault) => {
      const { diskId, cloudId } = await work.provisioned();
      if (fault) await work.faults(fault);
      const command = { type: 'RequestDeletion' };
      const { operation } = await work.carryOut(
        await work.request('disk.delete', diskId, { diskId, cloudId }, command),
      );
      expect(operation.status).toBe('succeeded');
      expect(await work.disksInCloud()).toHaveLength(0);
      expect((await work.diskNow(diskId)).life).toBe('deleted');
      expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
    },
  );
});

describe('looking at a disk', () => {
  const begun = async (...then: ReturnType<typeof operationEvent>[]) => {
    const { diskId, cloudId } = await work.provisioned();
    const operationId = await work.request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' });
    const events = [operationEvent('OperationStarted', {}), ...then];
    await work.append({
      streams: [{ stream: `operation-${operationId}`, projectId: work.projectId, expectedVersion: 1, events }],
    });
    return { diskId, operationId };
  };

  it('ends by its deadline when the cloud stays silent: nothing was sent, so nothing is unknown', async () => {
    const { operationId } = await begun();
    const { operation } = await work.carryOut(operationId, work.patiently({ nowMs: () => Date.now() + 3_600_000 }));
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'deadline-passed' } });
  });

  it('is cancelled at its next step, whether the cloud answers or not', async () => {
    const { diskId, operationId } = await begun(operationEvent('OperationCancelRequested', {}));
    const { operation } = await work.carryOut(
      operationId,
      work.patiently({ cloudOf: () => Promise.resolve(undefined) }),
    );
    expect(operation.status).toBe('cancelled');
    expect(await work.diskNow(diskId)).toMatchObject({ open: null });
  });
});

describe('a cloud that is silent now and then', () => {
  it.each<[string, FaultSpec]>([
    ['a look', { kind: 'job-stuck', times: 1 }],
    ['an empty look-up', { kind: 'drop-request', times: 1, match: { operation: 'disks.create' } }],
  ])('is asked again soon, however often it was silent before it answered %s', async (_what, fault) => {
    await work.faults(fault);
    const { operationId } = await work.requestDisk();
    const resources = await work.resourcesOf(operationId);
    const answering = work.patiently();
    const silent = work.patiently({ cloudOf: () => Promise.resolve(undefined) });
    const waits: number[] = [];
    let memory: Pick<NextStep, 'looks' | 'lastSeen'> = { looks: 0, lastSeen: null };
    for (const ports of [answering, silent, silent, silent, answering, silent]) {
      const after = await runStep(ports, operationId, { ...memory, resources });
      if (after === null || after === 'gone') throw new Error('it has ended');
      memory = after;
      if (ports === silent) waits.push(after.dueInMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 1_000]);
  });
});

describe('a deletion that the cloud could not finish', () => {
  it('leaves the disk in error, charged as in use', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'job-failed', times: 1 });
    const { operation } = await work.carryOut(
      await work.request('disk.delete', diskId, { diskId, cloudId }, { type: 'RequestDeletion' }),
    );
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud', retryable: false } });
    const disk = await work.diskNow(diskId);
    expect(statusOf(disk)).toBe('error');
    expect(disk).toMatchObject({ condition: 'error-deleting', cloudStatus: 'error_deleting' });
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });
});

describe('looking after a binding', () => {
  const tend = async (kind: string, change: Partial<StepPorts<DiskCloud>> = {}) => {
    const operationId = OperationId.parse(newId());
    const ownNode = ProjectId.parse(work.bindingId);
    const requested = operationEvent('OperationRequested', {
      operationId,
      kind,
      projectId: ownNode,
      bindingId: work.bindingId,
      target: { type: 'binding', id: work.bindingId },
      input: {},
      partOf: null,
      parts: [],
      retryOf: null,
    });
    const stream = `operation-${operationId}` as const;
    await work.append({ streams: [{ stream, projectId: ownNode, expectedVersion: 0, events: [requested] }] });
    return work.carryOut(operationId, work.patiently(change));
  };

  it('checks that the cloud can be reached', async () => {
    expect((await tend('binding.check')).operation.status).toBe('succeeded');
  });

  it('tells who can mend a binding that the cloud does not let in', async () => {
    const closed = new EvsDiskCloud({ ...work.access(), cloudProjectId: 'cd'.repeat(16) });
    const { operation } = await tend('binding.check', { cloudOf: () => Promise.resolve(closed) });
    await closed.close();
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'binding-unusable', owner: 'platform' } });
  });

  it('ends when the binding was deleted meanwhile, as no cloud will ever answer', async () => {
    const stream = `binding-${work.bindingId}` as const;
    const { kind, region, endpoints } = work.access();
    const access = { name: 'eu', kind, region, endpoints, cloudProjectId, credentials: { ref: 'none' } };
    const events = [
      { type: 'BindingAdded', schemaVersion: 1, data: access },
      { type: 'BindingRemoved', schemaVersion: 1, data: {} },
    ];
    await work.append({
      streams: [{ stream, projectId: ProjectId.parse(work.bindingId), expectedVersion: 0, events }],
    });
    const { operation } = await tend('binding.check', { cloudOf: () => Promise.resolve(undefined) });
    expect(operation).toMatchObject({
      status: 'failed',
      error: {
        code: 'binding-removed',
        retryable: false,
        remedy: expect.stringContaining('in the cloud itself') as unknown,
      },
    });
  });

  it('tells what a sweep came to', async () => {
    const marker = `${newId()}.1`;
    await work.cloud.createDisk({ ...spec, marker }, { timeoutMs: 30_000, mayStillSend: () => true });
    const { operation, events } = await tend('binding.sweep');
    expect(operation.status).toBe('succeeded');
    expect(events.at(-1)?.data).toMatchObject({ result: { inCloud: 1, known: 0, surplusRemoved: 0 } });
  });
});
