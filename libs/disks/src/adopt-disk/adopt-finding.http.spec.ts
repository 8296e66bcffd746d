import { BindingId } from '@strata/kernel';
import { cloudRefusal } from '@strata/operations';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf, targetOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import { endAdoption, sweptDisk, type SeenDisk } from '../contract/found-disks.js';
import type { FindingKind } from '../finding/index.js';

let server: DiskServer;
let my: DiskProject;
let bindingId: BindingId;
let ofBinding: string;

beforeAll(async () => {
  server = await DiskServer.start();
  bindingId = BindingId.parse(server.server.seeded.bindings.simulator);
  ofBinding = `/v1/bindings/${bindingId}/findings`;
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
});

/** What a sweep would record of a disk that nobody has; its path. */
const found = async (kind: FindingKind = 'unknown', change: Partial<SeenDisk> = {}, cloudId = newId()) => {
  const { findingId } = await sweptDisk(server, bindingId, kind, change, cloudId);
  await listed();
  return { cloudId, path: `${ofBinding}/${findingId}` };
};
const asAdmin = (method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Reply> =>
  my.call(method, path, body, headers, my.admin);
const listed = (query = '') => my.listed(`${ofBinding}?${query}`, my.admin);
const adopt = ({ path }: { path: string }, change: object = {}, headers: Record<string, string> = {}) =>
  asAdmin('POST', `${path}/adopt`, { projectId: my.projectId, ...change }, headers);
const end = (reply: Reply, cloudId: string) => endAdoption(server, reply, cloudId);
const quotaOf = async (dimension: string) => {
  const { body } = await my.call('GET', `${my.path}/quota`);
  const dimensions = body['dimensions'] as readonly Record<string, unknown>[];
  return dimensions.find((each) => each['dimension'] === dimension);
};

describe('adopting what was found', () => {
  it('is an operation of the project, which has the disk when it has ended', async () => {
    const thing = await found();
    expect(await listed(`cloud.id=${thing.cloudId}`)).toMatchObject([
      { actions: ['adopt', 'request-removal', 'ignore'] },
    ]);
    const reply = await adopt(thing, { name: 'ledger' });
    expect([reply.status, reply.body]).toMatchObject([202, { kind: 'disk.adopt', projectId: my.projectId }]);
    expect(await listed(`cloud.id=${thing.cloudId}`)).toMatchObject([{ status: 'adopting', actions: [] }]);
    expect(await my.show(my.pathOf(reply))).toMatchObject({ status: 'creating', name: 'ledger', cloud: null });
    expect(await quotaOf('gigabytes')).toMatchObject({ held: 20, used: 0 });
    await end(reply, thing.cloudId);
    expect(await my.show(my.pathOf(reply))).toMatchObject({
      ...{ status: 'available', sizeGiB: 20, tags: { team: 'billing' }, cloud: { id: thing.cloudId } },
      allowedActions: expect.arrayContaining(['extend', 'delete']),
    });
    expect(await quotaOf('gigabytes')).toMatchObject({ held: 0, used: 20 });
    expect(await listed(`cloud.id=${thing.cloudId}`)).toMatchObject([
      { status: 'resolved', projectId: my.projectId, diskId: targetOf(reply), actions: [] },
    ]);
    expect(await my.listed(`${my.pathOf(reply)}/findings`)).toMatchObject([{ kind: 'unknown', status: 'resolved' }]);
    expect(await my.listed(`${my.path}/disks`)).toHaveLength(1);
    expect((await my.call('DELETE', my.pathOf(reply))).status).toBe(202);
  });

  it('charges past the limit, and the quota shows by how much', async () => {
    await my.setLimits([{ dimension: 'gigabytes', limit: 5 }]);
    const thing = await found();
    const verdict = await asAdmin('POST', `${thing.path}/adopt?validateOnly=true`, { projectId: my.projectId });
    expect([verdict.status, verdict.body]).toMatchObject([200, { allowed: true, problems: [] }]);
    expect(verdict.body['quota']).toContainEqual({
      ...{ projectId: my.projectId, dimension: 'gigabytes', requested: 20, available: 5, sufficient: false },
    });
    const { plan } = verdict.body as { plan: { quota: unknown; disk: unknown } };
    expect(plan.disk).toMatchObject({ cloudId: thing.cloudId, projectId: my.projectId, sizeGiB: 20 });
    expect(plan.quota).toContainEqual({
      ...{ projectId: my.projectId, dimension: 'gigabytes', limit: 5, charged: 0, after: 20, overBy: 15 },
    });
    expect(await listed(`cloud.id=${thing.cloudId}`)).toMatchObject([{ status: 'open' }]);
    const reply = await adopt(thing);
    expect(reply.status).toBe(202);
    await end(reply, thing.cloudId);
    expect(await quotaOf('gigabytes')).toMatchObject({ limit: 5, used: 20, available: -15 });
    expect(codeOf(await my.request())).toBe('quota-exceeded');
    expect((await server.server.ledger.recount()).differences).toEqual([]);
  });

  it('happens once, whoever asks', async () => {
    const thing = await found();
    const other = await DiskProject.make(server);
    const key = { 'idempotency-key': newId() };
    const [mine, theirs] = await Promise.all([
      adopt(thing, {}, key),
      asAdmin('POST', `${thing.path}/adopt`, { projectId: other.projectId }),
    ]);
    expect([mine.status, theirs.status].sort()).toEqual([202, 409]);
    const [won, lost] = mine.status === 202 ? [mine, theirs] : [theirs, mine];
    expect(codeOf(lost)).toBe('finding-busy');
    expect(lost.body).toMatchObject({ blockers: [{ kind: 'operation', id: idOf(won) }] });
    expect(codeOf(await asAdmin('POST', `${thing.path}/ignore`, { until: '2099-01-01T00:00:00Z' }))).toBe(
      'finding-busy',
    );
    if (won === mine) expect((await adopt(thing, {}, key)).body['id']).toBe(idOf(mine));
    await end(won, thing.cloudId);
    expect(codeOf(await adopt(thing, { name: 'again' }))).toBe('finding-resolved');
  });

  it('is cancelled as long as it was not begun, and tried anew from what was found', async () => {
    const thing = await found();
    const reply = await adopt(thing);
    expect((await asAdmin('POST', `/v1/operations/${idOf(reply)}/cancel`)).status).toBe(202);
    expect((await my.call('GET', my.pathOf(reply))).status).toBe(404);
    expect(await listed(`cloud.id=${thing.cloudId}`)).toMatchObject([
      { status: 'open', actions: ['adopt', 'request-removal', 'ignore'] },
    ]);
    expect(await quotaOf('gigabytes')).toMatchObject({ held: 0, used: 0 });
    expect(codeOf(await asAdmin('POST', `/v1/operations/${idOf(reply)}/retry`))).toBe('not-retryable');
    const again = await adopt(thing);
    const gone = { code: 'EVS.2008', message: 'not there', requestId: null };
    await server.end(idOf(again), { end: 'failed', error: cloudRefusal('not-found', gone), left: {} });
    expect(await listed(`cloud.id=${thing.cloudId}`)).toMatchObject([{ status: 'open' }]);
    expect((await adopt(thing)).status).toBe(202);
  });

  it('keeps the project from being deleted', async () => {
    await adopt(await found());
    expect((await asAdmin('DELETE', my.path)).status).toBe(409);
  });

  it('is refused for what is not nobody’s, or cannot be told to be', async () => {
    const foreign = await found('foreign-marker', { marker: `${newId()}.1` });
    expect(codeOf(await adopt(foreign))).toBe('carries-foreign-marker');
    expect((await adopt(foreign, { replaceMarker: true })).status).toBe(202);
    expect(codeOf(await adopt(await found('orphan')))).toBe('finding-not-adoptable');
    const ours = await my.provisioned();
    const { cloud } = (await my.show(ours)) as { cloud: { id: string } };
    expect(codeOf(await adopt(await found('unknown', {}, cloud.id)))).toBe('finding-resolved');
  });

  it('is refused for a project that has its disks elsewhere, and for none', async () => {
    const thing = await found();
    const made = await asAdmin('POST', '/v1/projects', { name: newId() });
    for (const [projectId, status] of [
      [idOf(made), 400],
      [newId(), 404],
    ] as const)
      expect((await adopt(thing, { projectId })).body).toMatchObject({
        ...{ status, errors: [{ pointer: '/projectId' }] },
      });
  });

  it('is the affair of platform-admins', async () => {
    const thing = await found();
    const body = { projectId: my.projectId };
    expect((await my.call('POST', `${thing.path}/adopt`, body)).status).toBe(404);
    expect((await my.call('POST', `${thing.path}/adopt`, body, {}, my.stranger)).status).toBe(404);
    expect((await adopt({ path: `${ofBinding}/${newId()}` })).status).toBe(404);
    expect((await adopt({ path: thing.path.replace(bindingId, newId()) })).status).toBe(404);
    expect(await listed(`cloud.id=${thing.cloudId}`)).toMatchObject([{ status: 'open' }]);
  });
});
