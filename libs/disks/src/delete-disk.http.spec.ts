import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf, DiskProject, idOf } from './contract/disk-project.js';
import { DiskServer } from './contract/disk-server.js';

let server: DiskServer;
let my: DiskProject;
let path: string;

beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
  path = await my.provisioned();
});
afterEach(() => vi.useRealTimers());

const lock = (body: object = { reason: 'holds the ledger' }) => my.call('PUT', `${path}/deletion-lock`, body);
const grace = (graceHours: number) => my.call('PATCH', my.path, { graceHours }, {}, my.admin);
const disksReleasing = async () => {
  const { body } = await my.call('GET', `${my.path}/quota`);
  const dimensions = body['dimensions'] as { dimension: string; used: number; releasing: number }[];
  const { used, releasing } = dimensions.find(({ dimension }) => dimension === 'disks') ?? {};
  return [used, releasing];
};
const hourMs = 3_600_000;

describe('a lock against deletion', () => {
  it('is put on by an operator, shown, and refuses the deletion by name', async () => {
    expect(await my.show(path)).toMatchObject({ deletionLock: null, deletesAt: null });
    const reply = await lock();
    expect(reply).toMatchObject({ status: 200, body: { deletionLock: { reason: 'holds the ledger' } } });
    expect(reply.body['allowedActions']).not.toContain('delete');
    expect((await lock()).body).toEqual(reply.body);
    const refused = await my.call('DELETE', path);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'deletion-locked']);
    expect(refused.body['detail']).toMatch(
      /^The disk was locked by actor [0-9a-f-]{36}\. An admin of the project has to lift the lock first\.$/,
    );
    expect(refused.body['blockers']).toMatchObject([
      { kind: 'actor', reason: expect.stringContaining('holds the ledger') as unknown },
    ]);
    expect((await my.listed(`${my.path}/disks`))[0]).toMatchObject({ deletionLock: { reason: 'holds the ledger' } });
    expect((await lock({})).body).toMatchObject({ deletionLock: { reason: null } });
  });

  it('takes the reason of another operator, but not over one that he has not seen', async () => {
    const etag = (await my.call('GET', path)).headers.get('etag') ?? '';
    const reply = await lock();
    const { token } = await my.newToken('operator');
    const theirs = (seen: string) =>
      my.call('PUT', `${path}/deletion-lock`, { reason: 'theirs' }, { 'if-match': seen }, token);
    expect([(await theirs(etag)).status, codeOf(await theirs(etag))]).toEqual([412, 'version-conflict']);
    expect(await my.show(path)).toMatchObject({ deletionLock: { reason: 'holds the ledger' } });
    expect((await theirs(reply.headers.get('etag') ?? '')).body).toMatchObject({ deletionLock: { reason: 'theirs' } });
  });

  it('is lifted by an admin only', async () => {
    await lock();
    const refused = await my.call('DELETE', `${path}/deletion-lock`);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'forbidden']);
    const { token } = await my.newToken('admin');
    const lifted = await my.call('DELETE', `${path}/deletion-lock`, undefined, {}, token);
    expect(lifted.status).toBe(204);
    expect((await my.call('DELETE', `${path}/deletion-lock`, undefined, {}, token)).status).toBe(204);
    expect((await my.call('DELETE', path)).status).toBe(202);
  });

  it('is 404 for strangers, and forbidden to viewers', async () => {
    expect((await my.call('PUT', `${path}/deletion-lock`, {}, {}, my.stranger)).status).toBe(404);
    const { token } = await my.newToken('viewer');
    expect((await my.call('PUT', `${path}/deletion-lock`, {}, {}, token)).status).toBe(403);
  });
});

describe('a deletion in a project with hours of grace', () => {
  it('waits for its window, and the disk can be had back until then', async () => {
    expect((await grace(48)).body).toMatchObject({ graceHours: 48 });
    const plan = (await my.call('DELETE', `${path}?validateOnly=true`)).body['plan'];
    expect(plan).toMatchObject({ deletesAt: expect.any(String) as unknown });
    const reply = await my.call('DELETE', path);
    expect(reply).toMatchObject({
      status: 202,
      body: { status: 'queued', waitingFor: 'window', cancelability: 'now' },
    });
    const kept = await my.show(path);
    expect(kept).toMatchObject({ status: 'deleting', allowedActions: ['undelete'] });
    const afterMs = Date.parse(String(kept['deletesAt'])) - Date.parse(String(reply.body['createdAt']));
    expect(Math.abs(afterMs - 48 * hourMs)).toBeLessThan(hourMs);
    expect(await disksReleasing()).toEqual([0, 1]);
    expect(codeOf(await my.call('POST', `${path}/extend`, { sizeGiB: 80 }))).toBe('disk-busy');

    const key = { 'idempotency-key': newId() };
    const back = await my.call('POST', `${path}/undelete`, undefined, key);
    expect(back).toMatchObject({ status: 202, body: { id: idOf(reply), status: 'cancelled' } });
    expect(await my.show(path)).toMatchObject({ status: 'available', deletesAt: null });
    expect(await disksReleasing()).toEqual([1, 0]);
    expect((await my.call('POST', `${path}/undelete`, undefined, key)).headers.get('idempotency-replayed')).toBe(
      'true',
    );
    const again = await my.call('POST', `${path}/undelete`);
    expect([again.status, codeOf(again)]).toEqual([409, 'disk-not-ready']);
  });

  it('waits as long again when what was taken back is tried again', async () => {
    await grace(2);
    const reply = await my.call('DELETE', path);
    await my.call('POST', `/v1/operations/${idOf(reply)}/cancel`);
    expect(await my.show(path)).toMatchObject({ status: 'available' });
    await grace(0);
    const retried = await my.call('POST', `/v1/operations/${idOf(reply)}/retry`);
    expect(retried).toMatchObject({ status: 202, body: { waitingFor: 'window' } });
    expect(await my.show(path)).toMatchObject({ status: 'deleting', deletesAt: expect.any(String) as unknown });
  });

  it('keeps the hours that held when it was accepted, and has none to give back when the cloud has it', async () => {
    await grace(1);
    const reply = await my.call('DELETE', path);
    await grace(0);
    expect(await my.show(path)).toMatchObject({ deletesAt: expect.any(String) as unknown });
    await server.accept(idOf(reply));
    const late = await my.call('POST', `${path}/undelete`);
    expect([late.status, codeOf(late)]).toEqual([409, 'not-cancellable']);
    const other = await my.provisioned();
    expect((await my.call('DELETE', other)).body).toMatchObject({ waitingFor: 'turn' });
    expect(await my.show(other)).toMatchObject({ deletesAt: null, allowedActions: [] });
  });

  it('is over when its hours are, whether the cloud has it by then or not', async () => {
    await grace(1);
    const operationId = idOf(await my.call('DELETE', path));
    const inList = async () => (await my.listed(`${my.path}/disks`))[0];
    const kept = { deletesAt: expect.any(String) as unknown, allowedActions: ['undelete'] };
    expect([await my.show(path), await inList()]).toMatchObject([kept, kept]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * hourMs });
    const over = { status: 'deleting', deletesAt: null, allowedActions: [] };
    expect([await my.show(path), await inList()]).toMatchObject([over, over]);
    const late = await my.call('POST', `${path}/undelete`);
    expect([late.status, codeOf(late)]).toEqual([409, 'not-cancellable']);
    expect(late.body['reason']).toMatch(/^the disk could be had back until /);
    // As any operation that was not sent yet.
    const cancelled = await my.call('POST', `/v1/operations/${operationId}/cancel`);
    expect([cancelled.status, cancelled.body]).toMatchObject([202, { id: operationId, status: 'cancelled' }]);
    expect(await my.show(path)).toMatchObject({ status: 'available' });
  });

  it.each(['undelete', 'cancel'] as const)('is not taken back any more when the cloud has it (%s)', async (way) => {
    await grace(1);
    const operationId = idOf(await my.call('DELETE', path));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * hourMs });
    await server.accept(operationId);
    const late = await my.call(
      'POST',
      way === 'undelete' ? `${path}/undelete` : `/v1/operations/${operationId}/cancel`,
    );
    expect([late.status, codeOf(late)]).toEqual([409, 'not-cancellable']);
    expect(await my.show(path)).toMatchObject({ status: 'deleting' });
  });

  it('is set within bounds by admins, and told by lists too', async () => {
    expect((await grace(721)).status).toBe(400);
    expect((await grace(-1)).status).toBe(400);
    expect((await my.call('PATCH', my.path, { graceHours: 1 })).status).toBe(403);
    await grace(3);
    expect(await my.show(my.path)).toMatchObject({ graceHours: 3 });
    const listed = await my.listed('/v1/projects');
    expect(listed.find(({ id }) => id === my.projectId)).toMatchObject({ graceHours: 3 });
  });
});
