import { EvsDiskCloud } from '@strata/cloud/evs';
import { decideDisk, diskStream, statusOf, findingsView, type FindingRow } from '@strata/disks';
import { everything } from '@strata/event-store';
import { OperationId, ProjectId, type DiskId } from '@strata/kernel';
import { operationEvent } from '@strata/operations';
import { startSimulator, type Simulator } from '@strata/simulator';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FollowedViews } from './contract/followed-views.js';
import { forEachTransferWork } from './contract/for-each-test.js';
import { SnapshotWork } from './contract/snapshot-work.js';
import type { TransferWork } from './contract/transfer-work.js';
import { spec, type WorkUnderTest } from './contract/work-under-test.js';
import { sweeping } from './sweeping.js';

let transfer: TransferWork;
let work: WorkUnderTest;
let followed: FollowedViews;
/** Knows nothing of what there is. */
let empty: Simulator;
let blind: EvsDiskCloud;

beforeAll(async () => {
  empty = await startSimulator({ port: 0, jobMs: 0 });
});
afterAll(() => empty.close());
forEachTransferWork((started) => {
  transfer = started;
  ({ work } = started);
});
beforeEach(async () => {
  blind = new EvsDiskCloud({ ...work.access(), endpoints: { iam: empty.url, evs: empty.url } });
  followed = new FollowedViews(work.databaseUrl, work.store);
  await followed.start();
});
afterEach(async () => {
  await followed.stop();
  await blind.close();
});

/** What is open after a sweep an hour later. */
const found = async (): Promise<readonly FindingRow['doc'][]> => {
  await followed.caughtUp();
  const bounds = { requestsPerSecond: 10_000, requestTimeoutMs: 15_000, signal: new AbortController().signal };
  const ports = { store: work.store, views: followed.views, keep: () => Promise.resolve(), ...bounds };
  const later = { nowMs: () => Date.now() + 3_600_000, visibilityMs: 120_000 };
  await sweeping({ ...ports, ...later })(work.cloud, work.bindingId);
  await followed.caughtUp();
  const sort = { by: 'firstSeenAt', direction: 'asc' } as const;
  const where = { bindingId: [work.bindingId], status: ['open'] };
  const { rows } = await followed.views.list({ view: findingsView, sight: everything, where, sort, limit: 100 });
  return rows.map(({ doc }) => doc);
};

/** Of the same binding: a disk goes there at once. */
const neighbour = async (): Promise<ProjectId> => {
  const projectId = ProjectId.parse(newId());
  const { bindingId } = work;
  await work.append({ changes: [{ change: 'project-added', projectId, parentId: null, bindingId, name: 'gamma' }] });
  return projectId;
};
const given = async (diskId: DiskId, to: ProjectId) => transfer.accept(await transfer.offer(diskId), to);

/** By the project that has it now. */
const deleted = async (diskId: DiskId) => {
  const disk = await work.diskNow(diskId);
  const [loaded] = (await work.store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
  if (disk.life !== 'in-cloud' || loaded === undefined) throw new Error('there is no such disk');
  const { projectId, bindingId, cloudId } = disk;
  const operationId = OperationId.parse(newId());
  const decision = decideDisk({ type: 'RequestDeletion', work: { operationId, shownAs: operationId } }, disk);
  if (!decision.accepted) throw new Error(decision.refusal.type);
  const asked = {
    operationId,
    kind: 'disk.delete',
    bindingId,
    projectId,
    target: { type: 'disk', id: diskId },
  } as const;
  const ties = { input: { diskId, cloudId }, partOf: null, parts: [], retryOf: null };
  const requested = operationEvent('OperationRequested', { ...asked, ...ties });
  await work.append({
    streams: [
      { stream: `operation-${operationId}`, projectId, expectedVersion: 0, events: [requested] },
      { stream: loaded.stream, projectId, expectedVersion: loaded.version, events: decision.events },
    ],
  });
  await work.carryOut(operationId);
  expect(statusOf(await work.diskNow(diskId))).toBe('deleted');
};

describe('what comes back after its disk went to another project', () => {
  it('is told to the project in which it was, not to the one that had the disk made anew, and deleted it', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const hiding = new EvsDiskCloud(work.access());
    const find = hiding.findDisk.bind(hiding);
    hiding.findDisk = (id) => (id === cloudId ? Promise.resolve(null) : find(id));
    const hidden = work.patiently({ cloudOf: () => Promise.resolve(hiding) });
    const known = { diskId, cloudId };
    await work.carryOut(await work.request('disk.refresh', diskId, known, { type: 'RequestRefresh' }), hidden);
    const anew = await work.request('disk.recreate', diskId, { ...known, ...spec }, { type: 'RequestRecreation' });
    await work.carryOut(anew, hidden);
    await hiding.close();
    await given(diskId, await neighbour());
    await deleted(diskId);
    expect(await found()).toMatchObject([{ cloud: { id: cloudId }, projectId: work.projectId }]);
  });

  it('is, of a snapshot, told to the project that has the disk without what is the other’s', async () => {
    const disk = await work.provisioned();
    const of = new SnapshotWork(work, disk);
    const { snapshotId, cloudId } = await of.taken('payroll-2026');
    const meaning = [{ type: 'RequestDeletion' }, { type: 'RequestSnapshotDeletion', snapshotId }] as const;
    const deletion = await of.request('snapshot.delete', snapshotId, { cloudId }, ...meaning);
    await work.carryOut(deletion, work.patiently({ cloudOf: () => Promise.resolve(blind) }));
    const receiver = await neighbour();
    await given(disk.diskId, receiver);
    const told = await found();
    expect(told).toMatchObject([{ projectId: receiver, snapshotId: null, ownerGuess: null }]);
    const [marker] = (await work.cloud.snapshots.findSnapshotsOfDisk(disk.cloudId)).map((each) => each.marker);
    for (const theirs of ['payroll', snapshotId, String(marker)]) expect(JSON.stringify(told)).not.toContain(theirs);
  });
});
