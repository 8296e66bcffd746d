import { everything } from '@strata/event-store';
import { PostgresViewStore, type PostgresEventStore } from '@strata/event-store/postgres';
import { BindingId, DiskId, ProjectId } from '@strata/kernel';
import type { Reply } from '@strata/projects/contract';
import { cloudRefusal } from '@strata/operations';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import { DisksInProject } from '../disk-list/disks-in-project.js';
import { disksView } from '../disk-list/disks.projection.js';
import { transfersView } from './transfers.projection.js';

let server: DiskServer;
/** Of another project of the same cloud as the binding of the root. */
let neighbour: BindingId;
let giver: DiskProject;
let receiver: DiskProject;

const place = { region: 'eu-de', endpoints: { iam: 'http://127.0.0.1:7071/iam', evs: 'http://127.0.0.1:7071/evs/' } };

const bind = async (name: string, change: object = {}): Promise<BindingId> => {
  const binding = { kind: 'evs', name, ...place, cloudProjectId: name, credentials: { ref: 'simulator' }, ...change };
  const token = server.server.tokens.platformAdmin;
  const made = await server.call('POST', '/v1/bindings', { token, body: binding });
  expect(made.status).toBe(201);
  return BindingId.parse(idOf(made));
};

beforeAll(async () => {
  server = await DiskServer.start();
  neighbour = await bind('neighbour');
});
beforeEach(async () => {
  [giver, receiver] = await Promise.all([DiskProject.make(server), DiskProject.make(server, neighbour)]);
});
afterAll(() => server.close());

interface Offer {
  readonly path: string;
  readonly diskId: string;
  readonly transferId: string;
  readonly code: string;
}

const offered = async (): Promise<Offer> => {
  const path = await giver.provisioned();
  const { id, code } = (await giver.call('POST', `${path}/transfers`)).body;
  return { path, diskId: path.split('/').at(-1) ?? '', transferId: String(id), code: String(code) };
};

const accept = (by: DiskProject, { transferId, code }: Offer, query = '', headers = {}): Promise<Reply> =>
  by.call('POST', `${by.path}/transfers/${transferId}/accept${query}`, { code }, headers);

const gigabytesOf = async (projectId: string) => {
  const { body } = await giver.call('GET', `/v1/projects/${projectId}/quota`, undefined, {}, giver.admin);
  const dimensions = body['dimensions'] as readonly { dimension: string }[];
  const found = dimensions.find(({ dimension }) => dimension === 'gigabytes');
  return found ?? { held: 0, used: 0, releasing: 0 };
};

const bothCharged = async () => [await gigabytesOf(giver.projectId), await gigabytesOf(receiver.projectId)];

const failure = cloudRefusal('cloud-quota-exceeded', { code: 'EVS.5413', message: 'gigabytes', requestId: null });

describe('accepting a disk in another cloud project', () => {
  it('takes an operation, which both projects see as far as it concerns them', async () => {
    const offer = await offered();
    const { path, diskId, transferId } = offer;
    const reply = await accept(receiver, offer);
    expect(reply.status).toBe(202);
    const id = idOf(reply);
    const target = { type: 'disk', id: diskId };
    const shown = { id, kind: 'disk.transfer', target, status: 'queued', projectId: receiver.projectId };
    expect(reply.body).toMatchObject({ ...shown, participants: [receiver.projectId] });
    const seenByGiver = (await giver.call('GET', `/v1/operations/${id}`)).body;
    expect(seenByGiver).toMatchObject({ id, kind: 'disk.transfer', participants: [giver.projectId] });
    for (const secret of [receiver.projectId, neighbour]) expect(JSON.stringify(seenByGiver)).not.toContain(secret);
    expect(await giver.show(path)).toMatchObject({ status: 'awaiting-transfer', allowedActions: [] });
    expect((await receiver.call('GET', `${receiver.path}/disks/${diskId}`)).status).toBe(404);
    expect((await giver.call('GET', `${giver.path}/transfers/${transferId}`)).body).toMatchObject({
      ...{ status: 'accepted', operationId: id },
    });
    const events = await receiver.call('GET', `/v1/operations/${id}/events`);
    for (const secret of [giver.projectId, server.server.seeded.bindings.simulator])
      expect(events.text).not.toContain(secret);
  });

  it('promises the disk here, and has it on its way out there, until it came', async () => {
    const offer = await offered();
    const reply = await accept(receiver, offer);
    expect(await bothCharged()).toMatchObject([
      { held: 0, used: 0, releasing: 40 },
      { held: 40, used: 0, releasing: 0 },
    ]);
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: {} });
    expect(await bothCharged()).toMatchObject([
      { held: 0, used: 0, releasing: 0 },
      { held: 0, used: 40, releasing: 0 },
    ]);
    expect((await server.server.ledger.recount()).differences).toEqual([]);
    for (const by of [giver, receiver])
      expect((await by.call('GET', `/v1/operations/${idOf(reply)}`)).body).toMatchObject({
        ...{ status: 'succeeded', result: { diskId: offer.diskId }, error: null },
      });
    expect((await giver.call('GET', offer.path)).status).toBe(404);
    const disk = await receiver.show(`${receiver.path}/disks/${offer.diskId}`);
    expect(disk).toMatchObject({ status: 'available', cloud: { id: `cloud-${offer.diskId}` } });
    expect((await giver.call('GET', `${giver.path}/transfers/${offer.transferId}`)).body).toMatchObject({
      status: 'completed',
    });
    for (const view of [disksView, transfersView])
      expect((await server.server.rebuild(view)).differences.different).toBe(0);
  });

  it('leaves the disk offered when it comes to nothing, and tells the giver no more than that', async () => {
    const offer = await offered();
    const first = idOf(await accept(receiver, offer));
    await server.end(first, { end: 'failed', error: failure, left: {} });
    expect(await bothCharged()).toMatchObject([
      { held: 0, used: 40, releasing: 0 },
      { held: 0, used: 0, releasing: 0 },
    ]);
    expect((await server.server.ledger.recount()).differences).toEqual([]);
    const told = { status: 'failed', error: { code: 'transfer-came-to-nothing', cloud: null } };
    expect((await giver.call('GET', `/v1/operations/${first}`)).body).toMatchObject(told);
    const remedy = expect.stringMatching(/quota raised.*then accept the transfer again with its code/) as string;
    expect((await receiver.call('GET', `/v1/operations/${first}`)).body).toMatchObject({
      ...{ status: 'failed', error: { code: 'cloud-quota-exceeded', retryable: false, remedy } },
    });
    const again = await receiver.call('POST', `/v1/operations/${first}/retry`);
    expect([again.status, codeOf(again)]).toEqual([409, 'not-retryable']);
    expect(again.text).toContain('accept the transfer again');
    expect((await giver.call('GET', `${giver.path}/transfers/${offer.transferId}`)).body).toMatchObject({
      ...{ status: 'offered', operationId: null },
    });
    expect((await accept(receiver, offer)).status).toBe(202);
  });

  it('is not stopped by the giver, only asked to stop by who accepted', async () => {
    const offer = await offered();
    const reply = await accept(receiver, offer);
    const withdrawn = await giver.call('DELETE', `${giver.path}/transfers/${offer.transferId}`);
    expect([withdrawn.status, codeOf(withdrawn)]).toEqual([409, 'transfer-under-way']);
    expect(withdrawn.body['blockers']).toMatchObject([{ kind: 'operation', id: idOf(reply) }]);
    const extended = await giver.call('POST', `${offer.path}/extend`, { sizeGiB: 50 });
    expect([extended.status, codeOf(extended)]).toEqual([409, 'disk-busy']);
    expect(extended.body['blockers']).toMatchObject([{ kind: 'operation', id: idOf(reply) }]);
    expect((await giver.call('POST', `/v1/operations/${idOf(reply)}/cancel`)).status).not.toBe(202);
    const cancelled = await receiver.call('POST', `/v1/operations/${idOf(reply)}/cancel`);
    // Only a worker sees all that it works on.
    expect([cancelled.status, cancelled.body['status']]).toEqual([202, 'queued']);
    await server.end(idOf(reply), { end: 'cancelled' });
    expect((await receiver.call('GET', `/v1/operations/${idOf(reply)}`)).body).toMatchObject({ status: 'cancelled' });
    expect(await bothCharged()).toMatchObject([{ used: 40 }, { held: 0, used: 0 }]);
    expect((await giver.call('DELETE', `${giver.path}/transfers/${offer.transferId}`)).status).toBe(204);
    expect(await giver.show(offer.path)).toMatchObject({ status: 'available' });
  });

  it('is for one at a time, under one key', async () => {
    const offer = await offered();
    const key = { 'idempotency-key': 'once' };
    const first = await accept(receiver, offer, '', key);
    const again = await accept(receiver, offer, '', key);
    expect([again.status, idOf(again)]).toEqual([202, idOf(first)]);
    expect((await accept(receiver, offer)).status).toBe(404);
  });

  it('takes room where both lie, too, as long as it is under way', async () => {
    const { root } = server.server.seeded.projects;
    const offer = await offered();
    const { used = 0, held = 0, releasing = 0 } = (await gigabytesOf(root)) as Record<string, number>;
    const limit = used + held + releasing + 39;
    await server.limit(root, [{ dimension: 'gigabytes', limit }]);
    const refused = await accept(receiver, offer);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'quota-exceeded']);
    expect(refused.body).toMatchObject({ requested: 40, missing: 1 });
    await server.limit(root, [{ dimension: 'gigabytes', limit: limit + 1 }]);
    expect((await accept(receiver, offer, '?validateOnly=true')).body).toMatchObject({ allowed: true });
    expect((await accept(receiver, offer)).status).toBe(202);
    await server.limit(root, []);
  });

  it('is refused where the cloud is another one, and where the disk is not as it was offered', async () => {
    const offer = await offered();
    for (const change of [
      { region: 'eu-nl' },
      { endpoints: { iam: 'https://iam.example', evs: 'https://evs.example' } },
    ]) {
      const elsewhere = await DiskProject.make(server, await bind(`elsewhere-${Object.keys(change)[0]}`, change));
      const refused = await accept(elsewhere, offer);
      expect([refused.status, codeOf(refused)]).toEqual([409, 'transfer-between-clouds']);
    }
    const attachments = [{ serverId: 'their-server', device: null }];
    await server.observe(DiskId.parse(offer.diskId), { status: 'in-use', cloudStatus: 'in-use', attachments });
    const refused = await accept(receiver, offer);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'transfer-not-ready']);
    expect(refused.text).not.toContain('their-server');
  });

  it('keeps the project that receives from being deleted meanwhile', async () => {
    const offer = await offered();
    const reply = await accept(receiver, offer);
    const { store } = server.server;
    const contents = new DisksInProject(new PostgresViewStore((store as PostgresEventStore).pool));
    const { position } = await store.head();
    const blockers = await contents.blockers(ProjectId.parse(receiver.projectId), everything, position);
    expect(blockers).toMatchObject([{ kind: 'operation', id: idOf(reply) }]);
  });

  it('goes to another binding of the same cloud project at once', async () => {
    const same = await DiskProject.make(server, await bind('twin', { cloudProjectId: 'simulated' }));
    const offer = await offered();
    const reply = await accept(same, offer);
    expect([reply.status, reply.body['status']]).toEqual([202, 'succeeded']);
    expect(await same.show(`${same.path}/disks/${offer.diskId}`)).toMatchObject({ status: 'available' });
  });
});
