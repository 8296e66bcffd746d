import { BindingId, DiskId, FindingId, ProjectId, SnapshotId } from '@strata/kernel';
import { executeFact } from '@strata/projects';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import { sweptDisk } from '../contract/found-disks.js';
import type { DiskSighting } from '../disk/index.js';
import { findingFact, findingStream, type Difference, type FindingKind, type Subject } from '../finding/index.js';

let server: DiskServer;
let my: DiskProject;
let bindingId: BindingId;

beforeAll(async () => {
  server = await DiskServer.start();
  bindingId = BindingId.parse(server.server.seeded.bindings.simulator);
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
});

const renamed: Difference = { member: 'name', log: 'db', cloud: 'theirs' };
const grown: Difference = { member: 'sizeGiB', log: '40', cloud: '50' };

/** A disk that somebody changed in the cloud, which a sweep saw. */
const changed = async (
  shown: Partial<DiskSighting> = { name: 'theirs' },
  differences: readonly Difference[] = [renamed],
  kind: FindingKind = 'changed',
  of: Partial<Subject> = {},
) => {
  const path = await my.provisioned();
  const diskId = DiskId.parse(path.split('/').at(-1));
  const cloudId = of.cloudId ?? `cloud-${diskId}`;
  await server.observe(diskId, shown);
  const projectId = ProjectId.parse(my.projectId);
  const findingId = FindingId.parse(newId());
  const subject = { bindingId, cloudId, projectId, diskId, ...of };
  const sightings = [{ kind, findingId, ownerGuess: null, evidence: { differences: [...differences], cloud: null } }];
  await executeFact(server.server.store, {
    streams: [findingStream(bindingId, cloudId)],
    meta: { actorId: newId() },
    decide: ({ streams: [thing] }) => {
      const command = { type: 'RecordSwept', subject, sightings, at: new Date().toISOString() } as const;
      return thing && { streams: findingFact(projectId, thing, command) };
    },
  });
  // The way to a finding leads through the view.
  await my.listed(`${path}/findings`);
  return { path, findingId, ofDisk: `${path}/findings/${findingId}`, ofBinding: ofBinding(findingId) };
};
const ofBinding = (findingId: string) => `/v1/bindings/${bindingId}/findings/${findingId}`;
const asAdmin = (method: string, path: string, body?: object): Promise<Reply> =>
  my.call(method, path, body, {}, my.admin);
const repair = (path: string, headers: Record<string, string> = {}) => my.call('POST', `${path}/repair`, {}, headers);
const found = async ({ ofBinding: path }: { ofBinding: string }) => (await asAdmin('GET', path)).body;

describe('repairing what somebody else changed', () => {
  it('is a change of the disk like any other, and ends the finding with its success', async () => {
    const thing = await changed();
    expect(await found(thing)).toMatchObject({ status: 'open', actions: ['repair', 'refresh-disk', 'ignore'] });
    const reply = await repair(thing.ofDisk);
    expect([reply.status, reply.body]).toMatchObject([
      202,
      { kind: 'disk.update', status: 'queued', projectId: my.projectId, target: { type: 'disk' } },
    ]);
    expect(await my.show(thing.path)).toMatchObject({ name: 'theirs', allowedActions: [] });
    expect(await found(thing)).toMatchObject({ status: 'open' });
    const twice = await repair(thing.ofDisk);
    expect([codeOf(twice), twice.body['blockers']]).toMatchObject(['disk-busy', [{ id: idOf(reply) }]]);
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: { cloudId: 'x' } });
    expect(await my.show(thing.path)).toMatchObject({ name: 'db', status: 'available' });
    expect(await found(thing)).toMatchObject({ status: 'resolved', actions: [] });
    expect(codeOf(await repair(thing.ofDisk))).toBe('finding-resolved');
  });

  it('leaves the finding open when nothing came of it, and is planned anew, never tried again', async () => {
    const thing = await changed();
    const first = await repair(thing.ofDisk);
    await server.fail(idOf(first));
    expect(await found(thing)).toMatchObject({ status: 'open' });
    const told = await my.call('GET', `/v1/operations/${idOf(first)}`);
    expect(told.body['error']).toMatchObject({
      ...{ retryable: false, remedy: expect.stringContaining('repair the finding anew') },
    });
    const again = await my.call('POST', `/v1/operations/${idOf(first)}/retry`, {});
    expect([again.status, codeOf(again)]).toEqual([409, 'not-retryable']);
    const anew = await repair(thing.ofDisk);
    await server.accept(idOf(anew));
    await server.end(idOf(anew), { end: 'succeeded', outcome: { cloudId: 'x' } });
    expect(await found(thing)).toMatchObject({ status: 'resolved' });
    expect(await my.show(thing.path)).toMatchObject({ name: 'db' });
  });

  it('is not tried again when it was cancelled, as somebody may have changed the disk through Strata since', async () => {
    const thing = await changed();
    const reply = await repair(thing.ofDisk);
    await my.call('POST', `/v1/operations/${idOf(reply)}/cancel`, {});
    await server.end(idOf(reply), { end: 'cancelled' });
    const again = await my.call('POST', `/v1/operations/${idOf(reply)}/retry`, {});
    expect([codeOf(again), again.body['detail']]).toMatchObject([
      ...['not-retryable', expect.stringContaining('repair the finding anew')],
    ]);
  });

  it('is asked by platform admins of the binding, too, and answered the same under the same key', async () => {
    const thing = await changed();
    const key = { 'idempotency-key': newId() };
    const by = () => my.call('POST', `${thing.ofBinding}/repair`, {}, key, my.admin);
    const [first, again] = [await by(), await by()];
    expect([first.status, again.status, idOf(again)]).toEqual([202, 202, idOf(first)]);
    expect((await repair(thing.ofBinding)).status).toBe(404);
  });

  it('says before what it would write, and what it leaves', async () => {
    const both = [renamed, grown, { member: 'tags.team', log: null, cloud: 'x' }];
    const thing = await changed({ name: 'theirs', sizeGiB: 50, tags: { team: 'x' } }, both);
    const verdict = await my.call('POST', `${thing.ofDisk}/repair?validateOnly=true`, {});
    expect(verdict.body).toMatchObject({
      allowed: true,
      plan: {
        ...{ kind: 'disk.update', change: { name: 'db', tags: { team: null } } },
        left: [{ member: 'sizeGiB', reason: expect.stringContaining('smaller') }],
      },
    });
    expect(await my.show(thing.path)).toMatchObject({ status: 'available' });
  });

  it('is refused where nothing can be written back, and says why', async () => {
    const thing = await changed({ sizeGiB: 50 }, [grown]);
    expect(await found(thing)).toMatchObject({ actions: ['refresh-disk', 'ignore'] });
    const refused = await repair(thing.ofDisk);
    expect([refused.status, codeOf(refused), refused.body['left']]).toMatchObject([
      ...[409, 'finding-not-repairable'],
      [{ member: 'sizeGiB', reason: expect.stringContaining('smaller') }],
    ]);
    const missing = await changed({}, [], 'missing');
    expect((await repair(missing.ofDisk)).body).toMatchObject({ kind: 'missing', left: [] });
    const { findingId } = await sweptDisk(server, bindingId, 'unknown');
    await my.listed(`/v1/bindings/${bindingId}/findings`, my.admin);
    const strange = await asAdmin('POST', `${ofBinding(findingId)}/repair`, {});
    expect([codeOf(strange), strange.body]).toMatchObject(['finding-not-repairable', { kind: 'unknown' }]);
  });

  it('is refused to operators of the project as well where it is a snapshot', async () => {
    const of = { resource: 'snapshot', snapshotId: SnapshotId.parse(newId()), cloudId: newId() } as const;
    const thing = await changed({}, [renamed], 'changed', of);
    const refused = await repair(thing.ofDisk);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'finding-not-repairable']);
  });

  it('undoes nothing that was changed through Strata since', async () => {
    const thing = await changed();
    const patched = await my.call('PATCH', thing.path, { name: 'mine' });
    await server.accept(idOf(patched));
    await server.end(idOf(patched), { end: 'succeeded', outcome: { cloudId: 'x' } });
    expect(codeOf(await repair(thing.ofDisk))).toBe('finding-resolved');
  });

  it('is not taken for a disk that is in no state for it', async () => {
    const thing = await changed({ name: 'theirs', status: 'error', cloudStatus: 'error' });
    expect((await repair(thing.ofDisk)).body).toMatchObject({ diskStatus: 'error', allowed: ['refresh', 'delete'] });
  });

  it('is the affair of operators, and of nobody elsewhere', async () => {
    const [thing, other] = [await changed(), await changed()];
    const viewer = (await my.newToken('viewer')).token;
    const by = async (token: string, path = thing.ofDisk) =>
      (await my.call('POST', `${path}/repair`, {}, {}, token)).status;
    expect([await by(viewer), await by(my.stranger)]).toEqual([403, 404]);
    expect(await by(my.token, `${other.path}/findings/${thing.findingId}`)).toBe(404);
    expect(await by(my.token, `${thing.path}/findings/${newId()}`)).toBe(404);
  });
});

describe('taking over what somebody else changed', () => {
  it('is a refresh of the disk, which ends the finding', async () => {
    const thing = await changed();
    const reply = await my.call('POST', `${thing.path}/refresh`, {});
    const { cloud, attachments, name, sizeGiB, type, tags, metadata } = await my.show(thing.path);
    const state = { cloudId: (cloud as { id: string }).id, status: 'available', cloudStatus: 'available' };
    const traits = { bootable: false, shareable: false, encrypted: false, attachments };
    const sighting = { ...state, ...traits, ...{ name, description: '', sizeGiB, type, tags, metadata } };
    await server.end(idOf(reply), { end: 'succeeded', outcome: { sighting } as never });
    expect(await found(thing)).toMatchObject({ status: 'resolved' });
    expect(await my.show(thing.path)).toMatchObject({ name: 'theirs' });
  });

  it('does not end what was found of a disk that is gone by now', async () => {
    const thing = await changed();
    const reply = await my.call('POST', `${thing.path}/refresh`, {});
    await server.end(idOf(reply), { end: 'succeeded', outcome: { sighting: null } });
    expect(await found(thing)).toMatchObject({ status: 'open' });
  });
});
