import { statusOf, type DiskSpec } from '@strata/disks';
import { everything } from '@strata/event-store';
import { DiskId, OperationId, SnapshotId, type StreamId } from '@strata/kernel';
import { historyOf, runStep } from '@strata/operations';
import { decideSnapshot, foldSnapshot, snapshotOf, snapshotStream, UsedSnapshots } from '@strata/snapshots';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;

forEachWork((started) => void (work = started));

const keyId = 'b3c7d915-0f8e-42a6-9d1b-5e60f7a4c832';
/** Public from the start. */
const imageId = '4c1a9f70-6b2e-4d83-9e15-a07c3d8f5b21';
const snapshots = new UsedSnapshots();

const load = async (stream: StreamId) => {
  const [loaded] = (await work.store.load({ sight: everything, streams: [stream] })).streams;
  if (loaded === undefined) throw new Error('no stream');
  return loaded;
};

/** What the api would write for a new disk. */
const request = async (change: Partial<DiskSpec>, input: object = {}) => {
  const { projectId, bindingId } = work;
  const diskId = DiskId.parse(newId());
  const asked: DiskSpec = { ...spec, ...change };
  const command = { type: 'RequestDisk', diskId, projectId, bindingId, spec: asked };
  return { diskId, operationId: await work.request('disk.create', diskId, { diskId, ...asked, ...input }, command) };
};

/** A snapshot of an encrypted disk, in the cloud and in the log. */
const takenSnapshot = async () => {
  const { projectId, bindingId } = work;
  const options = { timeoutMs: 30_000, mayStillSend: () => true };
  const source = await request({ encryption: { keyId } });
  await work.carryOut(source.operationId);
  const [disk] = await work.disksInCloud();
  const wanted = { name: 'before', description: '', metadata: {} };
  const cloudDiskId = disk?.cloudId ?? '';
  const made = { ...wanted, marker: `${newId()}.1`, cloudDiskId, force: false };
  const sent = await work.cloud.snapshots.createSnapshot(made, options);
  if (sent.outcome !== 'accepted' || sent.cloudId === null) throw new Error(`no snapshot: ${sent.outcome}`);
  const operationId = OperationId.parse(newId());
  const { sizeGiB, type, availabilityZone } = spec;
  const ids = { snapshotId: SnapshotId.parse(newId()), projectId, bindingId, diskId: source.diskId };
  const begun = decideSnapshot(
    {
      ...{ type: 'RequestSnapshot', ...ids, spec: wanted, extent: { sizeGiB, type, availabilityZone } },
      work: { operationId, shownAs: operationId },
    },
    { life: 'absent' },
  );
  if (!begun.accepted) throw new Error(begun.refusal.type);
  const report = { type: 'RecordTaken', operationId, cloudId: sent.cloudId } as const;
  const ended = decideSnapshot(report, foldSnapshot(begun.events));
  if (!ended.accepted) throw new Error(ended.refusal.type);
  const events = [...begun.events, ...ended.events];
  await work.append({ streams: [{ stream: snapshotStream(ids.snapshotId), projectId, expectedVersion: 0, events }] });
  return { snapshotId: ids.snapshotId, cloudId: sent.cloudId, source };
};

const requestOfSnapshot = async () => {
  const { snapshotId, cloudId: sourceCloudId } = await takenSnapshot();
  const requested = await request({ name: 'copy', source: { snapshotId } }, { sourceCloudId });
  const { operationId, diskId } = requested;
  const taken = snapshots.use(
    await load(snapshotStream(snapshotId)),
    { projectId: work.projectId, operationId },
    { diskId, spec },
  );
  if (!taken.accepted) throw new Error(taken.refusal.type);
  await work.append({ streams: [taken.append] });
  return requested;
};

/** What each is when it is there. */
const kinds = {
  'a shareable, encrypted SCSI disk': {
    request: () => request({ shareable: true, encryption: { keyId }, deviceType: 'scsi' }),
    is: { deviceType: 'scsi', traits: { shareable: true, encrypted: true } },
  },
  'a disk of an image': {
    request: () => request({ source: { imageId } }),
    is: { source: { imageId }, traits: { bootable: true, encrypted: false } },
  },
  'a disk from a snapshot': {
    request: requestOfSnapshot,
    is: { traits: { bootable: false, encrypted: true } },
  },
} as const;

/** Each leaves the worker without an answer to something that took effect. */
const mishaps = [undefined, 'drop-answer', 'error-after-accept', 'hang', 'job-lost'] as const;

const ofOperation = async (operationId: string) =>
  (await work.disksInCloud()).filter(({ marker }) => marker?.startsWith(operationId));

const usesOf = async (diskId: DiskId) => {
  const disk = await work.diskNow(diskId);
  if (disk.life === 'absent' || disk.source === undefined || !('snapshotId' in disk.source)) return [];
  const snapshot = snapshotOf(await load(snapshotStream(disk.source.snapshotId)));
  return snapshot.life === 'absent' ? [] : snapshot.uses;
};

describe.each(Object.entries(kinds))('%s', (_, kind) => {
  it.each(mishaps)('is made once, as asked (%s)', async (mishap) => {
    const { diskId, operationId } = await kind.request();
    if (mishap === 'job-lost') await work.faults({ kind: 'job-lost', times: 1 });
    else if (mishap) await work.faults({ kind: mishap, times: 1, match: { operation: 'disks.create' } });
    expect((await work.carryOut(operationId)).operation.status).toBe('succeeded');
    expect(await ofOperation(operationId)).toHaveLength(1);
    const disk = await work.diskNow(diskId);
    expect(disk).toMatchObject({ life: 'in-cloud', condition: 'available', open: null, ...kind.is });
    expect(await usesOf(diskId)).toEqual([]);
  });

  it('is charged and shown as broken when its job leaves it in error', async () => {
    const { diskId, operationId } = await kind.request();
    const before = await work.figures();
    await work.faults({ kind: 'job-failed', times: 1 });
    const { operation } = await work.carryOut(operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud' } });
    const disk = await work.diskNow(diskId);
    expect([disk.life, statusOf(disk)]).toEqual(['in-cloud', 'error']);
    expect(await work.figures()).toMatchObject({ held: 0, used: (before.used ?? 0) + spec.sizeGiB });
    expect(await usesOf(diskId)).toEqual([]);
  });
});

describe('the data of a disk', () => {
  /** One step, as if it were due; the operation after it. */
  const step = async ({ operationId, diskId }: { operationId: OperationId; diskId: DiskId }) => {
    await runStep(work.patiently(), operationId, { looks: 0, lastSeen: null, resources: [`disk-${diskId}`] });
    return historyOf(await load(`operation-${operationId}`)).operation;
  };
  const stopped = async () => {
    await work.simulate('clock', { rate: 0 });
    await work.simulate('latency', { jobMs: 1_000 });
  };
  const later = (advanceMs: number) => work.simulate('clock', { advanceMs });
  const statusInCloud = async () => (await work.disksInCloud()).map(({ cloudStatus }) => cloudStatus);

  it('are there when the job says so, not when the disk looks as if', async () => {
    await stopped();
    const asked = await request({ source: { imageId } });
    await step(asked);
    const [disk] = await work.disksInCloud();
    await work.simulate(`disks/${disk?.cloudId}`, { status: 'available' });
    expect(await step(asked)).toMatchObject({ status: 'running', phase: 'accepted' });
    expect(statusOf(await work.diskNow(asked.diskId))).toBe('creating');
    await later(1_000);
    expect((await step(asked)).status).toBe('succeeded');
    expect(statusOf(await work.diskNow(asked.diskId))).toBe('available');
  });

  it('are not there while the disk is made or filled, where nobody knows the job', async () => {
    await stopped();
    await work.faults({ kind: 'job-lost', times: 1 });
    const asked = await request({ source: { imageId } });
    await step(asked);
    for (const status of ['creating', 'downloading']) {
      expect(await statusInCloud()).toEqual([status]);
      expect(await step(asked)).toMatchObject({ status: 'running' });
      await later(500);
    }
    await later(500);
    expect((await step(asked)).status).toBe('succeeded');
    expect(await work.diskNow(asked.diskId)).toMatchObject({ traits: { bootable: true } });
  });
});

describe('an image that may not be used', () => {
  it('is the cloud’s to refuse where it was not known before', async () => {
    const { diskId, operationId } = await request({ source: { imageId: newId() } });
    const { operation } = await work.carryOut(operationId);
    expect(operation).toMatchObject({ error: { code: 'refused-by-cloud', owner: 'you', cloud: { code: 'EVS.2046' } } });
    expect(await work.diskNow(diskId)).toMatchObject({ life: 'requested', open: null });
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });
});
