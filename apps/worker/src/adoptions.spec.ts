import { decideAdoption, findingStream, statusOf, sweepDisks, type Disk } from '@strata/disks';
import { everything } from '@strata/event-store';
import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import { DiskId, FindingId, OperationId, type ProjectId } from '@strata/kernel';
import { planOperation, type StepPoint } from '@strata/operations';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { FollowedWork } from './contract/followed-work.js';
import { forEachFollowedWork } from './contract/for-each-test.js';
import { cloudProjectId, spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let followed: FollowedWork;

forEachFollowedWork((started) => {
  followed = started;
  ({ work } = started);
});

const sweep = () => followed.sweep();

/** With views that have seen nothing of what was adopted. */
const sweepBlindly = () => {
  const { store, cloud, bindingId } = work;
  const nothing = async function* () {
    yield await Promise.resolve([]);
  };
  const ports = { store, cloud, disksOf: nothing, findingsOf: nothing, requestTimeoutMs: 15_000 };
  const disksByCloudId = () => Promise.resolve([]);
  const now = () => new Date().toISOString();
  return sweepDisks({ ...ports, disksByCloudId, budget: () => Promise.resolve(), now }, bindingId);
};

const findings = () => followed.findings();
const behind = (cloudId: string, body: object) => work.simulate(`disks/${cloudId}`, body);

/** A disk that somebody else made, of 20 GiB. */
const stranger = async (change: object = {}): Promise<string> => {
  const { availabilityZone } = spec;
  const body = { projectId: cloudProjectId, availabilityZone, name: 'billing-db', size: 20, ...change };
  const { disks } = (await work.simulate('disks', body)) as unknown as { disks: readonly { id: string }[] };
  return disks[0]?.id ?? '';
};

interface Adopted {
  readonly diskId: DiskId;
  readonly operationId: OperationId;
}

/** What the api would write; the finding is the newest one. */
const adopt = async (
  change: { name?: string; replaceMarker?: boolean; projectId?: ProjectId } = {},
): Promise<Adopted> => {
  const { bindingId, projectId } = work;
  const newest = (await findings()).at(-1);
  if (newest === undefined) throw new Error('nothing was found');
  const { cloudId } = newest;
  const operationId = OperationId.parse(newId());
  const diskId = DiskId.parse(newId());
  const streams = [findingStream(bindingId, cloudId)];
  const [thing] = (await work.store.load({ sight: everything, streams })).streams;
  if (thing === undefined) throw new Error('no stream');
  const wanted = { projectId, name: null, replaceMarker: false, ...change };
  const ids = { bindingId, cloudId, findingId: FindingId.parse(newest.key), diskId, operationId, shownAs: operationId };
  const decision = decideAdoption({ ...ids, ...wanted }, thing, 'evs');
  if (!decision.accepted) throw new Error(decision.refusal.type);
  const planned = planOperation({ ...decision.part, kind: 'disk.adopt', bindingId });
  await work.append({ mode: 'fact', streams: planned.streams });
  return { diskId, operationId };
};

const adoptedNow = async (change: Parameters<typeof adopt>[0] = {}) => {
  const ids = await adopt(change);
  const { operation } = await work.carryOut(ids.operationId);
  return { ...ids, operation, disk: await work.diskNow(ids.diskId) };
};
/** Of whichever attempt: a slow machine needs more than one. */
const markerOf = (operationId: string) => expect.stringMatching(`^${operationId}\\.\\d+$`) as string;
const cloudIdOf = (disk: Disk) => (disk.life === 'in-cloud' ? disk.cloudId : undefined);
const noDifferences = async () =>
  expect((await new PostgresQuotaLedger(work.store.pool).recount()).differences).toEqual([]);

describe('adopting a disk that Strata did not make', () => {
  it('makes it one of the project as it is, with its attachments, and no sweep finds it any more', async () => {
    const cloudId = await stranger({ tags: { team: 'billing' }, metadata: { owner: 'b' } });
    const serverId = await work.server({ projectId: cloudProjectId, availabilityZone: spec.availabilityZone });
    await work.simulate(`servers/${serverId}/attachments`, { diskId: cloudId });
    expect(await sweep()).toMatchObject({ unknown: 1, findings: 1 });
    const { operation, disk, operationId } = await adoptedNow();
    expect(operation.status).toBe('succeeded');
    expect(statusOf(disk)).toBe('in-use');
    expect(disk).toMatchObject({
      ...{ life: 'in-cloud', cloudId, name: 'billing-db', sizeGiB: 20, availabilityZone: spec.availabilityZone },
      ...{ tags: { team: 'billing' }, metadata: { owner: 'b' }, traits: { attachments: [{ serverId }] } },
    });
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
    expect(await work.disksInCloud()).toMatchObject([
      { cloudId, marker: markerOf(operationId), tags: { team: 'billing' } },
    ]);
    const { projectId } = work;
    expect(await findings()).toMatchObject([
      { status: 'resolved', doc: { diskId: disk.life === 'in-cloud' ? disk.diskId : '', projectId } },
    ]);
    for (const swept of [sweep, sweepBlindly, sweep])
      expect(await swept()).toMatchObject({ unknown: 0, changed: 0, surplusRemoved: 0, findings: 0 });
    expect((await findings()).map(({ status }) => status)).toEqual(['resolved']);
    await noDifferences();
  });

  it('renames it if that is asked for', async () => {
    await stranger();
    await sweep();
    const { disk } = await adoptedNow({ name: 'ledger' });
    expect(disk).toMatchObject({ name: 'ledger' });
    expect(await work.disksInCloud()).toMatchObject([{ name: 'ledger' }]);
  });

  it('finds room for its marker where ten tags are others’', async () => {
    const tags = Object.fromEntries([...'abcdefghij'].map((key) => [key, 'x']));
    await stranger({ tags });
    await sweep();
    const { operation, operationId } = await adoptedNow();
    expect(operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toMatchObject([{ tags, marker: markerOf(operationId) }]);
    expect(await sweep()).toMatchObject({ findings: 0, surplusRemoved: 0 });
  });

  it('charges it past the limit, and the ledger is what the log says', async () => {
    const limits = [{ dimension: 'gigabytes', limit: 5 }] as const;
    await work.append({ changes: [{ change: 'limits-set', node: work.projectId, limits }] });
    await stranger();
    await sweep();
    expect((await adoptedNow()).operation.status).toBe('succeeded');
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
    await noDifferences();
  });

  it.each([
    ['drop-answer', 'metadata.merge'],
    ['error-after-accept', 'metadata.merge'],
    ['drop-request', 'metadata.merge'],
    ['drop-answer', 'tags.change'],
    ['drop-request', 'tags.change'],
  ] as const)('ends once when an answer is lost (%s of %s)', async (kind, operation) => {
    const cloudId = await stranger();
    await sweep();
    await work.faults({ kind, times: 1, match: { operation } });
    const { operation: ended, disk } = await adoptedNow();
    expect(ended.status).toBe('succeeded');
    expect(cloudIdOf(disk)).toBe(cloudId);
    expect(await sweep()).toMatchObject({ inCloud: 1, findings: 0, surplusRemoved: 0 });
    await noDifferences();
  });

  const points: readonly StepPoint[] = [
    'loaded',
    'intent-recorded',
    'write-sent',
    'answer-recorded',
    'cloud-looked-at',
    'end-recorded',
  ];
  it.each(points)('is not taken for surplus when the worker dies (%s), and goes on', async (point) => {
    const cloudId = await stranger();
    await sweep();
    const { operationId, diskId } = await adopt();
    const passed = (at: StepPoint) => (at === point ? Promise.reject(new Error('killed')) : Promise.resolve());
    await expect(work.carryOut(operationId, work.patiently({ passed }))).rejects.toThrow('killed');
    for (const swept of [sweep, sweepBlindly]) {
      expect(await swept()).toMatchObject({ inCloud: 1, surplusRemoved: 0 });
      expect(await work.disksInCloud()).toMatchObject([{ cloudId }]);
    }
    expect((await work.carryOut(operationId)).operation.status).toBe('succeeded');
    expect(cloudIdOf(await work.diskNow(diskId))).toBe(cloudId);
    expect(await sweep()).toMatchObject({ inCloud: 1, findings: 0, surplusRemoved: 0 });
    expect((await findings()).map(({ status }) => status)).toEqual(['resolved']);
    await noDifferences();
  });
});

describe('an adoption that came to nothing', () => {
  const hours = 3_600_000;

  it('leaves the disk with its marker to nobody: never removed, found again, and adopted anew', async () => {
    const cloudId = await stranger();
    await sweep();
    const { operationId, diskId } = await adopt();
    const passed = (at: StepPoint) => (at === 'write-sent' ? Promise.reject(new Error('killed')) : Promise.resolve());
    await expect(work.carryOut(operationId, work.patiently({ passed }))).rejects.toThrow('killed');
    const late = work.patiently({ nowMs: () => Date.now() + 2 * hours });
    expect((await work.carryOut(operationId, late)).operation).toMatchObject({
      status: 'failed',
      error: { code: 'outcome-unknown' },
    });
    expect(statusOf(await work.diskNow(diskId))).toBe('deleted');
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
    for (const swept of [sweep, sweepBlindly, sweep]) {
      expect(await swept()).toMatchObject({ unknown: 1, surplusRemoved: 0 });
      expect(await work.disksInCloud()).toMatchObject([{ cloudId, marker: markerOf(operationId) }]);
    }
    expect(await findings()).toMatchObject([{ kind: 'unknown', status: 'open', cloudId }]);
    const again = await adoptedNow();
    expect([again.operation.status, cloudIdOf(again.disk)]).toEqual(['succeeded', cloudId]);
    expect(await sweep()).toMatchObject({ findings: 0, surplusRemoved: 0 });
    await noDifferences();
  });

  it('is what a copy of an adopted disk with its marker is, too: nobody’s', async () => {
    await stranger();
    await sweep();
    const { operationId } = await adoptedNow();
    const copy = await stranger({ metadata: { 'strata.marker': `${operationId}.1` } });
    expect(await sweep()).toMatchObject({ inCloud: 2, unknown: 1, surplusRemoved: 0 });
    expect((await findings()).map(({ cloudId, status }) => [cloudId, status])).toContainEqual([copy, 'open']);
  });

  it('ends by name when the disk is gone, and the next sweep closes what was found', async () => {
    const cloudId = await stranger();
    await sweep();
    const ids = await adopt();
    await behind(cloudId, { delete: true });
    expect((await work.carryOut(ids.operationId)).operation).toMatchObject({
      status: 'failed',
      error: { code: 'not-found-in-cloud' },
    });
    expect(await findings()).toMatchObject([{ status: 'open' }]);
    await sweep();
    expect(await findings()).toMatchObject([{ status: 'resolved' }]);
    await noDifferences();
  });

  it('ends by name when somebody else has marked the disk since', async () => {
    const cloudId = await stranger();
    await sweep();
    const { operationId } = await adopt();
    const theirs = `${newId()}.1`;
    await behind(cloudId, { metadata: { 'strata.marker': theirs } });
    expect((await work.carryOut(operationId)).operation).toMatchObject({
      status: 'failed',
      error: { code: 'cloud-state-conflict' },
    });
    expect(await work.disksInCloud()).toMatchObject([{ cloudId, marker: theirs }]);
  });
});

describe('a disk with the marker of another Strata', () => {
  it('is adopted when that is meant, and carries ours then', async () => {
    await stranger({ metadata: { 'strata.marker': `${newId()}.1` } });
    await sweep();
    await expect(adopt()).rejects.toThrow('carries-foreign-marker');
    const { operation, operationId } = await adoptedNow({ replaceMarker: true });
    expect(operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toMatchObject([{ marker: markerOf(operationId) }]);
    expect(await sweep()).toMatchObject({ findings: 0, surplusRemoved: 0 });
  });
});

describe('an adopted disk', () => {
  it('is extended and deleted like any other', async () => {
    const cloudId = await stranger();
    await sweep();
    const { diskId } = await adoptedNow();
    const extension = { type: 'RequestExtension', sizeGiB: 30 };
    await work.carryOut(await work.request('disk.extend', diskId, { diskId, cloudId, sizeGiB: 30 }, extension));
    expect(await work.figures()).toEqual({ held: 0, used: 30, releasing: 0 });
    await work.carryOut(await work.request('disk.delete', diskId, { diskId, cloudId }, { type: 'RequestDeletion' }));
    expect(await work.disksInCloud()).toEqual([]);
    expect(await work.figures()).toEqual({ held: 0, used: 0, releasing: 0 });
    expect(await sweep()).toMatchObject({ findings: 0, missing: 0 });
    await noDifferences();
  });
});
