import { statusOf } from '@strata/disks';
import { deleteDisk } from '@strata/disks/contract';
import { everything } from '@strata/event-store';
import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import type { DiskId, SnapshotId } from '@strata/kernel';
import { historyOf, runStep, type StepPoint } from '@strata/operations';
import { projectEvent, projectStream } from '@strata/projects';
import { SnapshotsOfDisk } from '@strata/snapshots';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { SnapshotWork } from './contract/snapshot-work.js';
import { type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let disk: { readonly diskId: DiskId; readonly cloudId: string };
let snapshots: readonly { readonly snapshotId: SnapshotId; readonly cloudId: string }[];

forEachWork(async (started) => {
  work = started;
  disk = await work.provisioned();
  const of = new SnapshotWork(work, disk);
  snapshots = [await of.taken('s1'), await of.taken('s2')];
});

const graceHours = async (hours: number) => {
  const { projectId } = work;
  const events = [
    projectEvent('ProjectCreated', { name: 'alpha', parentId: null, bindingId: work.bindingId }),
    projectEvent('GraceHoursSet', { graceHours: hours }),
  ];
  await work.append({ streams: [{ stream: projectStream(projectId), projectId, expectedVersion: 0, events }] });
};

/** As the api accepts it; answers with the operation that users see. */
const requested = async (): Promise<string> => {
  const { projectId, store } = work;
  const ports = { store, ledger: new PostgresQuotaLedger(store.pool), dependents: new SnapshotsOfDisk() };
  const grants = [{ projectId, role: 'operator' }] as const;
  const caller = { actorId: newId(), kind: 'service-token', tokenId: newId(), platformRoles: [], grants } as const;
  const call = { caller, requestId: newId(), fingerprint: '', validateOnly: false };
  const deletion = { projectId, diskId: disk.diskId, cascade: true, planHash: undefined };
  const { executed } = await deleteDisk(ports, call, deletion);
  if (executed.status !== 'done') throw new Error(JSON.stringify(executed));
  return String(executed.answer['operationId']);
};

const history = async (operationId: string) => {
  const [stream] = (await work.store.load({ sight: everything, streams: [`operation-${operationId}`] })).streams;
  if (!stream) throw new Error('no such operation');
  return historyOf(stream);
};
const partsOf = async (operationId: string): Promise<readonly string[]> => {
  const { operation } = await history(operationId);
  return operation.status === 'absent' ? [] : operation.parts;
};
/** The visible one and its parts, each by a worker of its own. */
const carriedOut = async (operationId: string, ports = work.patiently()) => {
  const parts = await partsOf(operationId);
  const [whole, ...ended] = await Promise.all([operationId, ...parts].map((id) => work.carryOut(id, ports)));
  if (!whole) throw new Error('nothing was carried out');
  return { whole, parts: ended };
};
const statuses = (parts: Awaited<ReturnType<typeof carriedOut>>['parts']) =>
  parts.map(({ operation }) => (operation.status === 'failed' ? operation.error.code : operation.status));
const snapshotsInCloud = () => work.cloud.snapshots.findSnapshotsOfDisk(disk.cloudId);

describe('a disk that is deleted with its snapshots', () => {
  it.each([
    undefined,
    { kind: 'drop-answer', times: 1, match: { operation: 'snapshots.delete' } } as const,
    { kind: 'drop-answer', times: 1, match: { operation: 'disks.delete' } } as const,
  ])('goes after each of them was seen to be gone (%o)', async (fault) => {
    if (fault) await work.faults(fault);
    await work.simulate('latency', { jobMs: 150 });
    const { whole, parts } = await carriedOut(await requested());
    expect(statuses(parts)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(whole.operation.status).toBe('succeeded');
    expect(whole.events.at(-1)?.data).toMatchObject({
      result: {
        diskId: disk.diskId,
        snapshots: snapshots.map(({ snapshotId }) => ({ snapshotId, status: 'succeeded', error: null })),
        disks: [{ diskId: disk.diskId, status: 'succeeded', error: null }],
      },
    });
    for (const [earlier, later] of [parts.slice(0, 2), parts.slice(1)]) {
      const sent = later?.events.find(({ type }) => type === 'SendIntended');
      expect(sent?.position).toBeGreaterThan(earlier?.events.at(-1)?.position ?? Infinity);
    }
    expect([await work.disksInCloud(), await snapshotsInCloud()]).toEqual([[], []]);
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });

  it('stays when one of them could not be deleted, and nothing after that one is begun', async () => {
    await work.faults({ kind: 'job-failed', times: 1 });
    const { whole, parts } = await carriedOut(await requested());
    expect(statuses(parts)).toEqual(['failed-in-cloud', 'not-begun', 'not-begun']);
    expect(parts[0]?.operation).toMatchObject({ error: { remedy: expect.stringContaining('vendor') as unknown } });
    await expect(requested()).rejects.toThrow('snapshot-stuck');
    expect(whole.operation).toMatchObject({ status: 'failed', error: { code: 'partial-failure', retryable: false } });
    expect(parts.flatMap(({ events }) => events.filter(({ type }) => type === 'SendIntended'))).toHaveLength(1);
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('available');
    expect(await work.disksInCloud()).toHaveLength(1);
    expect(await work.figures()).toEqual({ held: 0, used: 60, releasing: 0 });
  });

  it('stays when somebody took another meanwhile', async () => {
    const operationId = await requested();
    const other = { cloudDiskId: disk.cloudId, name: 'theirs', description: '', force: true, metadata: {} };
    const sendable = { timeoutMs: 5_000, mayStillSend: () => true };
    const taken = await work.cloud.snapshots.createSnapshot({ ...other, marker: `${newId()}.1` }, sendable);
    expect(taken.outcome).toBe('accepted');
    const { parts } = await carriedOut(operationId);
    expect(statuses(parts)).toEqual(['succeeded', 'succeeded', 'cloud-state-conflict']);
    expect(await snapshotsInCloud()).toMatchObject([{ name: 'theirs' }]);
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('available');
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('is kept with them for the hours of its project, and then goes', async () => {
    await graceHours(2);
    const operationId = await requested();
    const ids = [operationId, ...(await partsOf(operationId))];
    const later = (hours: number) => work.patiently({ nowMs: () => Date.now() + hours * 3_600_000 });
    for (const id of ids) {
      const after = await runStep(later(1.9), id, { looks: 0, lastSeen: null, resources: [] });
      expect(after).toMatchObject({ waitingFor: 'window', lane: 'look' });
    }
    expect(await snapshotsInCloud()).toHaveLength(2);
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 60 });
    const { whole } = await carriedOut(operationId, later(2));
    expect(whole.operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toEqual([]);
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });

  it('goes on with another worker where one died', async () => {
    const operationId = await requested();
    const dying = work.patiently({
      passed: (point, id) =>
        point === 'write-sent' && id !== operationId ? Promise.reject(new Error('killed')) : Promise.resolve(),
    });
    const [first] = await partsOf(operationId);
    await expect(work.carryOut(first ?? '', dying)).rejects.toThrow('killed');
    const { whole } = await carriedOut(operationId);
    expect(whole.operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toEqual([]);
  });
});

describe('many disks that are deleted at a time', () => {
  it('share lists of snapshots, and one that somebody took a snapshot of stays', async () => {
    const disks = await Promise.all(Array.from({ length: 12 }, () => work.provisioned()));
    const [kept] = disks;
    const deletions = [];
    for (const { diskId, cloudId } of disks)
      deletions.push(await work.request('disk.delete', diskId, { diskId, cloudId }, { type: 'RequestDeletion' }));
    const theirs = { cloudDiskId: kept?.cloudId ?? '', name: 'theirs', description: '', force: true, metadata: {} };
    const sendable = { timeoutMs: 5_000, mayStillSend: () => true };
    await work.cloud.snapshots.createSnapshot({ ...theirs, marker: `${newId()}.1` }, sendable);
    const listsBefore = (await work.requests())['snapshots.list'] ?? 0;
    let intended = 0;
    const all = Promise.withResolvers<undefined>();
    // All of them are about to be sent at a time, whatever their intents took.
    const passed = async (point: StepPoint) => {
      if (point !== 'intent-recorded') return;
      if ((intended += 1) >= disks.length) all.resolve(undefined);
      await all.promise;
    };
    const ports = work.patiently({ passed });
    const ended = await Promise.all(deletions.map((id) => work.carryOut(id, ports)));
    expect(statuses(ended)).toEqual(['cloud-state-conflict', ...disks.slice(1).map(() => 'succeeded')]);
    expect(((await work.requests())['snapshots.list'] ?? 0) - listsBefore).toBeLessThanOrEqual(disks.length / 2);
    expect((await work.disksInCloud()).map(({ cloudId }) => cloudId).sort()).toEqual(
      [kept?.cloudId, disk.cloudId].sort(),
    );
  });
});
