import { EvsDiskCloud } from '@strata/cloud/evs';
import { decideDisk, isAdoptable, isRemovable, statusOf, type FindingRow, type SweepReport } from '@strata/disks';
import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import { OperationId, type DiskId } from '@strata/kernel';
import { startSimulator, type Simulator } from '@strata/simulator';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FollowedWork } from './contract/followed-work.js';
import { forEachFollowedWork } from './contract/for-each-test.js';
import { SnapshotWork } from './contract/snapshot-work.js';
import { Strangers } from './contract/strangers.js';
import type { WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let followed: FollowedWork;
/** Knows nothing of what there is: asked in place of the cloud, it tells of all that it is gone. */
let empty: Simulator;
let blind: EvsDiskCloud;
/** By how much the clock of the sweeps is ahead, in ms. */
let later = 0;

beforeAll(async () => {
  empty = await startSimulator({ port: 0, jobMs: 0 });
});
afterAll(() => empty.close());
forEachFollowedWork((started) => {
  followed = started;
  ({ work } = started);
});
beforeEach(() => {
  later = 0;
  blind = new EvsDiskCloud({ ...work.access(), endpoints: { iam: empty.url, evs: empty.url } });
});
afterEach(() => blind.close());

const [visibilityMs, hour] = [120_000, 3_600_000];
const sweep = (): Promise<SweepReport> => followed.sweep({ nowMs: () => Date.now() + later, visibilityMs });
const found = (...status: string[]) => followed.findings(...status);
const behind = (cloudId: string, body: object) => work.simulate(`disks/${cloudId}`, body);
const blindly = () => work.patiently({ cloudOf: () => Promise.resolve(blind) });

interface Known {
  readonly diskId: DiskId;
  readonly cloudId: string;
}

const asDeletion = ({ diskId, cloudId }: Known) =>
  work.request('disk.delete', diskId, { diskId, cloudId }, { type: 'RequestDeletion' });

/** Its deletion has succeeded, as the cloud said that it is gone. */
const deletedBlindly = async <Disk extends Known>(disk: Disk): Promise<Disk> => {
  const { operation } = await work.carryOut(await asDeletion(disk), blindly());
  expect([operation.status, statusOf(await work.diskNow(disk.diskId))]).toEqual(['succeeded', 'deleted']);
  return disk;
};

const provisioned = () => work.provisioned({ tags: { team: 'billing' } });

/** The only one that is open. */
const theFinding = async () => {
  const [row, ...others] = await found('open');
  if (row === undefined || others.length > 0) throw new Error('not one finding');
  return row;
};

/** What people may do about it. */
const leaveOf = (doc: FindingRow['doc']) => {
  const removable = isRemovable(doc);
  return { removable, adoptable: isAdoptable({ ...doc, removable }) };
};

describe('a disk that the log has as deleted and the cloud has still', () => {
  it('is found when the cloud may be behind no more, is left there, and charged to nobody', async () => {
    const { diskId, cloudId } = await deletedBlindly(await provisioned());
    expect(await sweep()).toMatchObject({ inCloud: 1, unknown: 0, findings: 0 });
    expect(await found()).toEqual([]);
    later = visibilityMs + 1_000;
    expect(await sweep()).toMatchObject({ unknown: 1, surplusRemoved: 0, findings: 1 });
    const { doc } = await theFinding();
    expect(doc).toMatchObject({
      ...{ kind: 'unknown', resource: 'disk', diskId, projectId: work.projectId, cloud: { id: cloudId } },
      ownerGuess: { by: 'tag', value: 'billing' },
      evidence: { differences: [{ member: 'status', log: 'deleted', cloud: 'available' }] },
    });
    expect(leaveOf(doc)).toEqual({ removable: true, adoptable: true });
    const { position } = await work.store.head();
    expect(await sweep()).toMatchObject({ unknown: 1, findings: 1 });
    expect((await work.store.head()).position).toBe(position);
    expect(await work.disksInCloud()).toMatchObject([{ cloudId }]);
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });

  it('is found when it comes back after somebody has cleared it as missing', async () => {
    const disk = await provisioned();
    const { store, bindingId } = work;
    await followed.sweep({}, blind);
    expect(await theFinding()).toMatchObject({ kind: 'missing', diskId: disk.diskId });
    await deletedBlindly(disk);
    later = hour;
    expect(await sweep()).toMatchObject({ unknown: 1, findings: 1 });
    expect(await theFinding()).toMatchObject({ kind: 'unknown', diskId: disk.diskId, bindingId });
    expect((await new PostgresQuotaLedger(store.pool).recount()).differences).toEqual([]);
  });

  it('is in order when it has gone', async () => {
    const { cloudId } = await deletedBlindly(await provisioned());
    later = hour;
    expect(await sweep()).toMatchObject({ findings: 1 });
    await behind(cloudId, { delete: true });
    expect(await sweep()).toMatchObject({ inCloud: 0, findings: 0 });
    expect(await found()).toMatchObject([{ kind: 'unknown', status: 'resolved' }]);
  });

  it('is no finding while the cloud is at its deletion, unless that does not end', async () => {
    const { cloudId } = await deletedBlindly(await provisioned());
    await behind(cloudId, { status: 'deleting' });
    later = visibilityMs + 1_000;
    expect(await sweep()).toMatchObject({ inCloud: 1, unknown: 0, findings: 0 });
    expect(await found()).toEqual([]);
    later = hour + 1_000;
    expect(await sweep()).toMatchObject({ unknown: 1, findings: 1 });
  });

  it('is no finding while its operation is not done, nor where only a list has it', async () => {
    const [open, listed] = [await provisioned(), await provisioned()];
    await work.simulate('clock', { advanceMs: hour });
    await asDeletion(open);
    await work.carryOut(await asDeletion(listed));
    await work.faults({ kind: 'stale-list', seconds: 600, match: { operation: 'disks.list' } });
    expect((await work.disksInCloud()).map(({ cloudId }) => cloudId)).toContain(listed.cloudId);
    later = hour;
    expect(await sweep()).toMatchObject({ inCloud: 2, unknown: 0, findings: 0 });
    expect(await found()).toEqual([]);
  });

  it('is adopted as another disk, as often as this befalls it', async () => {
    let disk: Known = await deletedBlindly(await provisioned());
    later = hour;
    for (const name of ['once', 'again']) {
      await sweep();
      const row = await theFinding();
      expect(row).toMatchObject({ kind: 'unknown', diskId: disk.diskId });
      const adopted = await new Strangers(work, followed).askedToAdopt(row, name);
      expect((await work.carryOut(adopted.operationId)).operation.status).toBe('succeeded');
      expect(await work.diskNow(adopted.diskId)).toMatchObject({ life: 'in-cloud', cloudId: disk.cloudId, name });
      expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
      expect(await sweep()).toMatchObject({ known: 1, unknown: 0, findings: 0 });
      disk = await deletedBlindly({ ...adopted, cloudId: disk.cloudId });
    }
  });

  it('is removed when two people have approved', async () => {
    await deletedBlindly(await provisioned());
    later = hour;
    await sweep();
    const operationId = await new Strangers(work, followed).askedToRemove(await theFinding());
    expect((await work.carryOut(operationId)).operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toEqual([]);
    expect(await sweep()).toMatchObject({ findings: 0 });
    expect(await found()).toMatchObject([{ status: 'resolved', doc: { removal: { status: 'done' } } }]);
  });
});

describe('a snapshot that the log has as deleted and the cloud has still', () => {
  /** What stands against deleting the disk. */
  const againstDeletion = async ({ diskId }: Known) => {
    const operationId = OperationId.parse(newId());
    const command = { type: 'RequestDeletion', work: { operationId, shownAs: operationId } } as const;
    const decision = decideDisk(command, await work.diskNow(diskId));
    return decision.accepted ? null : decision.refusal;
  };

  it('is found when the cloud may be behind no more, and its disk is told, until it has gone', async () => {
    const disk = await work.provisioned();
    const of = new SnapshotWork(work, disk);
    const { snapshotId, cloudId } = await of.taken();
    const deletion = await of.request('snapshot.delete', snapshotId, { cloudId }, { type: 'RequestDeletion' });
    expect((await work.carryOut(deletion, blindly())).operation.status).toBe('succeeded');
    expect((await of.snapshotNow(snapshotId)).life).toBe('deleted');
    expect(await sweep()).toMatchObject({ findings: 0, snapshots: { inCloud: 1, unknown: 0 } });
    expect([await found(), await againstDeletion(disk)]).toEqual([[], null]);

    later = visibilityMs + 1_000;
    expect(await sweep()).toMatchObject({ findings: 1, snapshots: { unknown: 1, surplusRemoved: 0 } });
    const { doc } = await theFinding();
    expect(doc).toMatchObject({
      ...{ kind: 'unknown', resource: 'snapshot', diskId: disk.diskId, snapshotId, projectId: work.projectId },
      evidence: { differences: [{ member: 'status', log: 'deleted', cloud: 'available' }] },
    });
    expect(leaveOf(doc)).toEqual({ removable: true, adoptable: false });
    expect(await againstDeletion(disk)).toMatchObject({ type: 'has-snapshots', blockers: [{ id: cloudId }] });
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });

    await work.change('DELETE', `snapshots/${cloudId}`);
    expect(await sweep()).toMatchObject({ findings: 0, snapshots: { inCloud: 0 } });
    expect(await found()).toMatchObject([{ kind: 'unknown', status: 'resolved' }]);
    expect(await againstDeletion(disk)).toBeNull();
  });
});
