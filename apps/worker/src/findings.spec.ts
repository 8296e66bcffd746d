import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { FollowedWork } from './contract/followed-work.js';
import { forEachFollowedWork } from './contract/for-each-test.js';
import { cloudProjectId, spec, type WorkUnderTest } from './contract/work-under-test.js';
import { sweeping } from './sweeping.js';

let work: WorkUnderTest;
let followed: FollowedWork;
let serverId: string;

forEachFollowedWork(async (started) => {
  later = 0;
  followed = started;
  ({ work } = started);
  serverId = await work.server({ projectId: cloudProjectId, availabilityZone: spec.availabilityZone });
});

/** By how much the clock of the sweeps is ahead, in ms. */
let later = 0;
const sweep = (sweptAt: string | null = null) =>
  followed.sweep({ nowMs: () => Date.now() + later, sweptAt: () => Promise.resolve(sweptAt) });
const found = (...status: string[]) => followed.findings(...status);
const head = async () => (await work.store.head()).position;
const behind = (cloudId: string, body: object) => work.simulate(`disks/${cloudId}`, body);

/** Made by somebody else in the same cloud project; a marker is then not one of ours. */
const strangers = (marker: string | null): Promise<string> =>
  marker === null
    ? work.strangersDisk({}, { owner: 'billing' })
    : work.strangersDisk({ 'strata.marker': marker }, { 'strata-marker': marker.replace('.', '_') });

describe('findings', () => {
  it('say what is wrong, once, until a sweep sees it in order', async () => {
    const ours = await work.provisioned();
    const unknown = await strangers(null);
    await behind(ours.cloudId, { delete: true });
    expect(await sweep()).toMatchObject({ missing: 1, unknown: 1, findings: 2 });
    expect((await found('open')).map(({ doc }) => doc)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'missing', diskId: ours.diskId, projectId: work.projectId, ownerGuess: null }),
        expect.objectContaining({
          ...{ kind: 'unknown', diskId: null, projectId: null, cloud: { id: unknown } },
          ownerGuess: { by: 'tag', value: 'billing' },
        }),
      ]),
    );
    const before = await head();
    expect(await sweep()).toMatchObject({ missing: 0, unknown: 1, findings: 2 });
    expect(await head()).toBe(before);
    await behind(unknown, { delete: true });
    expect(await sweep()).toMatchObject({ findings: 1 });
    expect((await found('resolved')).map(({ kind }) => kind)).toEqual(['unknown']);
  });

  it('tell of what is missing what it was, when it was seen last, and which look missed it', async () => {
    const [one, other] = [await work.provisioned(), await work.provisioned()];
    await behind(one.cloudId, { delete: true });
    await behind(other.cloudId, { delete: true });
    const refresh = await work.request('disk.refresh', other.diskId, { ...other }, { type: 'RequestRefresh' });
    await work.carryOut(refresh);
    const before = new Date().toISOString();
    expect(await sweep(before)).toMatchObject({ missing: 1, findings: 2 });
    const lastKnown = async () =>
      new Map((await found('open')).map(({ diskId, doc }) => [diskId, doc.evidence.lastKnown] as const));
    const what = { ...{ name: 'ledger', sizeGiB: 20, type: 'SSD', availabilityZone: 'eu-de-01', servers: [] } };
    const told = await lastKnown();
    expect(told.get(one.diskId)).toMatchObject({
      ...{ ...what, recreatable: true, lastSeenAt: before, foundBy: 'sweep', operationId: null },
    });
    expect(told.get(other.diskId)).toMatchObject({ ...what, foundBy: 'refresh', operationId: refresh });
    expect(Date.parse(told.get(other.diskId)?.lastSeenAt ?? '')).toBeLessThan(Date.parse(before));
    const position = await head();
    later = 60_000;
    expect(await sweep(new Date().toISOString())).toMatchObject({ missing: 0, findings: 2 });
    expect(await head()).toBe(position);
    expect(await lastKnown()).toEqual(told);
  });

  it('count as seen in a sweep only what was there when it began', async () => {
    const { store, cloud, bindingId } = work;
    const start = Date.now();
    let [reads, kept] = [0, ''];
    const ports = { store, views: followed.views, signal: new AbortController().signal };
    const bounds = { requestsPerSecond: 10_000, requestTimeoutMs: 15_000 };
    const keep = (_bindingId: string, _report: object, beganAt: string) => {
      kept = beganAt;
      return Promise.resolve();
    };
    const nowMs = () => start + 1_000 * reads++;
    await sweeping({ ...ports, ...bounds, keep, nowMs })(cloud, bindingId);
    expect(kept).toBe(new Date(start).toISOString());
  });

  it('are none of a disk that an operation began to work on while they were to be recorded', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await behind(cloudId, { name: 'theirs', tags: {}, metadata: {} });
    let isRaced = false;
    const { append } = work.store;
    work.store.append = async (sweeps) => {
      work.store.append = append;
      isRaced = true;
      await work.request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' });
      return work.store.append(sweeps);
    };
    const report = await sweep();
    expect([isRaced, report]).toMatchObject([true, { changed: 0, repaired: 0, findings: 0 }]);
  });

  it('of what is missing are over when another disk has its place', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await behind(cloudId, { delete: true });
    await sweep();
    const input = { diskId, cloudId, ...spec };
    const recreation = await work.request('disk.recreate', diskId, input, { type: 'RequestRecreation' });
    expect(await found('open')).toMatchObject([{ kind: 'missing', diskId }]);
    expect((await work.carryOut(recreation)).operation.status).toBe('succeeded');
    expect(await found()).toMatchObject([{ kind: 'missing', status: 'resolved' }]);
    expect(await sweep()).toMatchObject({ missing: 0, findings: 0 });
  });

  it('of what is missing are over when it is deleted', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await behind(cloudId, { delete: true });
    await sweep();
    const deletion = await work.request('disk.delete', diskId, { diskId, cloudId }, { type: 'RequestDeletion' });
    expect(await found('open')).toMatchObject([{ kind: 'missing', diskId }]);
    expect((await work.carryOut(deletion)).operation.status).toBe('succeeded');
    expect(await found()).toMatchObject([{ kind: 'missing', status: 'resolved' }]);
  });

  it('tell to which servers what somebody else made is attached', async () => {
    const cloudId = await strangers(null);
    await sweep();
    expect((await found('open'))[0]?.doc.evidence.cloud).toMatchObject({ servers: [] });
    await work.simulate(`servers/${serverId}/attachments`, { diskId: cloudId });
    await sweep();
    expect((await found('open'))[0]?.doc.evidence.cloud).toMatchObject({ servers: [serverId] });
  });

  it('tell what changed, and close when the log says the same where nothing can be written back', async () => {
    const { cloudId } = await work.provisioned();
    await behind(cloudId, { size: 50 });
    expect(await sweep()).toMatchObject({ changed: 1, findings: 1 });
    expect((await found('open'))[0]?.doc.evidence.differences).toEqual([{ member: 'sizeGiB', log: '20', cloud: '50' }]);
    expect(await sweep()).toMatchObject({ changed: 0, findings: 0 });
    expect(await found()).toMatchObject([{ status: 'resolved' }]);
  });

  it('stay open of what can be written back, and of that alone', async () => {
    const { cloudId } = await work.provisioned();
    await behind(cloudId, { size: 50, name: 'other' });
    expect(await sweep()).toMatchObject({ changed: 1, findings: 1 });
    const [open] = await found('open');
    expect(open?.doc.evidence.differences).toEqual([
      { member: 'name', log: 'ledger', cloud: 'other' },
      { member: 'sizeGiB', log: '20', cloud: '50' },
    ]);
    expect(await sweep()).toMatchObject({ changed: 0, findings: 1 });
    expect(await found()).toMatchObject([{ key: open?.key, status: 'open' }]);
    expect((await found())[0]?.doc.evidence.differences).toEqual([{ member: 'name', log: 'ledger', cloud: 'other' }]);
  });

  it('leave what carries the marker of another Strata where it is', async () => {
    const cloudId = await strangers(`${newId()}.1`);
    expect(await sweep()).toMatchObject({ surplusRemoved: 0, findings: 1 });
    expect(await found('open')).toMatchObject([{ kind: 'foreign-marker', cloudId, diskId: null }]);
    expect(await work.disksInCloud()).toHaveLength(1);
  });

  it('name a surplus of ours that is in use, and close when it could be removed', async () => {
    const { diskId, operationId } = await work.requestDisk();
    await work.carryOut(operationId);
    const cloudId = await strangers(`${operationId}.7`);
    await work.simulate(`servers/${serverId}/attachments`, { diskId: cloudId });
    expect(await sweep()).toMatchObject({ surplusRemoved: 0, findings: 1 });
    expect(await found('open')).toMatchObject([
      {
        ...{ kind: 'orphan', cloudId, diskId, projectId: work.projectId },
        doc: {
          evidence: { differences: [{ member: 'status', log: null, cloud: 'in-use' }], cloud: { servers: [serverId] } },
        },
      },
    ]);
    await behind(cloudId, { status: 'available' });
    await fetch(`${work.simulator.url}/_simulator/servers/${serverId}/attachments/${cloudId}`, { method: 'DELETE' });
    expect(await sweep()).toMatchObject({ surplusRemoved: 1, findings: 0 });
    expect(await found()).toMatchObject([{ status: 'resolved' }]);
  });

  it('are mended at once where only a marker of ours was lost', async () => {
    const [bare, half] = [await work.provisioned(), await work.provisioned()];
    const markers = (await work.disksInCloud()).map(({ marker }) => marker);
    await behind(bare.cloudId, { tags: {}, metadata: {} });
    await behind(half.cloudId, { tags: {} });
    expect(await sweep()).toMatchObject({ repaired: 2, changed: 0, findings: 0 });
    const [first, second] = await found();
    expect([first, second]).toMatchObject([
      { kind: 'lost-marker', status: 'resolved' },
      { kind: 'lost-marker', status: 'resolved' },
    ]);
    const missingWhere = [first, second].map((each) => each?.doc.evidence.differences[0]?.cloud ?? null);
    expect(new Set(missingWhere)).toEqual(new Set([null, expect.stringContaining('in one place only')]));
    expect((await work.disksInCloud()).map(({ marker, marks }) => [marker, marks])).toEqual(
      markers.map((marker) => [marker, 'whole']),
    );
    expect(await sweep()).toMatchObject({ repaired: 0, findings: 0 });
  });

  it('stay open while the cloud does not take a marker back', async () => {
    const { cloudId } = await work.provisioned();
    await behind(cloudId, { tags: {}, metadata: {} });
    await work.faults({ kind: 'bad-gateway', times: 100, match: { operation: 'metadata.merge' } });
    expect(await sweep()).toMatchObject({ repaired: 0, findings: 1 });
    expect(await found('open')).toMatchObject([{ kind: 'lost-marker', cloudId }]);
    await work.faults();
    expect(await sweep()).toMatchObject({ repaired: 1, findings: 0 });
    expect(await found('open')).toEqual([]);
  });

  it('tell of the marker of another Strata on a disk of ours, and leave it', async () => {
    const [{ diskId, cloudId }, other] = [await work.provisioned(), newId()];
    await behind(cloudId, { metadata: { 'strata.marker': `${other}.1` } });
    expect(await sweep()).toMatchObject({ repaired: 0, findings: 1 });
    expect(await found('open')).toMatchObject([{ kind: 'foreign-marker', diskId, doc: { removal: null } }]);
    expect((await found('open'))[0]?.doc.evidence.cloud?.marker).toBe(`${other}.1`);
  });

  it('tell of a disk that stays in a state that should pass', async () => {
    const { cloudId } = await work.provisioned();
    await behind(cloudId, { status: 'deleting' });
    expect(await sweep()).toMatchObject({ findings: 0 });
    later = 59 * 60_000;
    expect(await sweep()).toMatchObject({ findings: 0 });
    later = 61 * 60_000;
    expect(await sweep()).toMatchObject({ findings: 1 });
    expect(await found('open')).toMatchObject([{ kind: 'stuck', cloudId }]);
    expect((await found('open'))[0]?.doc.evidence.differences).toMatchObject([
      { member: 'statusSince', cloud: 'deleting' },
    ]);
    expect(await sweep()).toMatchObject({ findings: 1 });
    await behind(cloudId, { status: 'available' });
    expect(await sweep()).toMatchObject({ findings: 0 });
  });
});
