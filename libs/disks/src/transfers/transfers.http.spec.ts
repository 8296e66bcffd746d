import type { EventStore } from '@strata/event-store';
import type { Reply } from '@strata/projects/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import { disksView } from '../disk-list/disks.projection.js';
import { transfersView } from './transfers.projection.js';

let server: DiskServer;
let giver: DiskProject;
let receiver: DiskProject;
let store: EventStore;
beforeAll(async () => {
  server = await DiskServer.start();
  store = server.server.store;
});
beforeEach(async () => {
  [giver, receiver] = await Promise.all([DiskProject.make(server), DiskProject.make(server)]);
});
afterAll(() => server.close());

interface Offer {
  readonly diskId: string;
  readonly path: string;
  readonly transferId: string;
  readonly code: string;
}

const offered = async (change: object = {}): Promise<Offer> => {
  const path = await giver.provisioned(change);
  const reply = await giver.call('POST', `${path}/transfers`);
  expect(reply.status).toBe(201);
  const { id, code } = reply.body;
  return { diskId: path.split('/').at(-1) ?? '', path, transferId: String(id), code: String(code) };
};

const accept = (
  by: DiskProject,
  { transferId, code }: Pick<Offer, 'transferId' | 'code'>,
  query = '',
): Promise<Reply> => by.call('POST', `${by.path}/transfers/${transferId}/accept${query}`, { code });

const usedAt = async (projectId: string): Promise<Readonly<Record<string, number>>> => {
  const { body } = await giver.call('GET', `/v1/projects/${projectId}/quota`, undefined, {}, giver.admin);
  const dimensions = body['dimensions'] as readonly {
    dimension: string;
    held: number;
    used: number;
    releasing: number;
  }[];
  const charged = dimensions.map((each) => [each.dimension, each.held + each.used + each.releasing] as const);
  return Object.fromEntries(charged.filter(([, n]) => n !== 0));
};

describe('offering a disk', () => {
  it('shows the code once, and keeps the disk for whoever has it', async () => {
    const path = await giver.provisioned();
    const key = { 'idempotency-key': 'once' };
    const first = await giver.call('POST', `${path}/transfers`, undefined, key);
    const again = await giver.call('POST', `${path}/transfers`, undefined, key);
    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toBe(`${giver.path}/transfers/${idOf(first)}`);
    expect(first.body).toMatchObject({ status: 'offered', projectId: giver.projectId, operationId: null });
    expect(String(first.body['code'])).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const { code: _once, ...shown } = first.body;
    expect([again.status, again.body]).toEqual([201, shown]);
    expect(await giver.show(path)).toMatchObject({ status: 'awaiting-transfer', allowedActions: [] });
    const refused = await giver.call('POST', `${path}/extend`, { sizeGiB: 50 });
    expect([refused.status, codeOf(refused)]).toEqual([409, 'disk-busy']);
    expect(refused.body['blockers']).toMatchObject([{ kind: 'transfer', id: idOf(first) }]);
  });

  it('writes the code nowhere', async () => {
    const { code, transferId } = await offered();
    const events = await giver.call('GET', `${giver.path}/events?limit=500`);
    expect(events.text).toContain(transferId);
    expect(events.text).not.toContain(code);
    for (const path of [`${giver.path}/transfers/${transferId}`, `${giver.path}/transfers`])
      expect((await giver.call('GET', path)).text).not.toContain(code);
  });

  it('is listed, shown, and taken back', async () => {
    const { path, transferId, diskId, code } = await offered();
    const transfer = `${giver.path}/transfers/${transferId}`;
    expect(await giver.listed(`${giver.path}/transfers?diskId=${diskId}`)).toMatchObject([
      { id: transferId, status: 'offered' },
    ]);
    const viewer = await giver.newToken('viewer');
    expect((await giver.call('DELETE', transfer, undefined, {}, viewer.token)).status).toBe(403);
    expect((await giver.call('DELETE', transfer)).status).toBe(204);
    expect((await giver.call('DELETE', transfer)).status).toBe(204);
    expect((await giver.call('GET', transfer)).body).toMatchObject({ status: 'withdrawn' });
    expect(await giver.show(path)).toMatchObject({ status: 'available' });
    const late = await accept(receiver, { transferId, code });
    expect([late.status, codeOf(late)]).toEqual([404, 'not-found']);
    expect((await giver.call('POST', `${path}/transfers`)).status).toBe(201);
  });

  it('is verified without a word of a code', async () => {
    const path = await giver.provisioned();
    const verdict = await giver.call('POST', `${path}/transfers?validateOnly=true`);
    expect([verdict.status, verdict.body]).toMatchObject([200, { allowed: true, problems: [] }]);
    expect(await giver.show(path)).toMatchObject({ status: 'available' });
  });
});

describe('accepting a disk', () => {
  it('ends what its giver could have tried again', async () => {
    const path = await giver.provisioned();
    const failed = await giver.call('PATCH', path, { name: 'other' });
    await server.fail(idOf(failed));
    const { body } = await giver.call('POST', `${path}/transfers`);
    expect((await accept(receiver, { transferId: String(body['id']), code: String(body['code']) })).status).toBe(202);
    expect(codeOf(await giver.call('POST', `/v1/operations/${idOf(failed)}/retry`))).toBe('not-retryable');
    expect(await receiver.show(path.replace(giver.path, receiver.path))).toMatchObject({ status: 'available' });
  });

  it('is one operation that has succeeded, and both sides see it, each with its own project only', async () => {
    const offer = await offered();
    const reply = await accept(receiver, offer);
    expect([reply.status, reply.body]).toMatchObject([
      202,
      {
        ...{ kind: 'disk.transfer', status: 'succeeded', projectId: receiver.projectId },
        ...{ target: { type: 'disk', id: offer.diskId }, result: { diskId: offer.diskId } },
        participants: [receiver.projectId],
      },
    ]);
    const operation = `/v1/operations/${idOf(reply)}`;
    const theirs = await giver.call('GET', operation);
    expect(theirs.body).toMatchObject({
      ...{ id: idOf(reply), kind: 'disk.transfer', status: 'succeeded', projectId: giver.projectId },
      ...{ participants: [giver.projectId], cancelability: 'no', result: { diskId: offer.diskId } },
    });
    const ours = await receiver.call('GET', operation);
    expect(ours.body).toMatchObject({ participants: [receiver.projectId] });
    const all = await giver.call('GET', operation, undefined, {}, giver.admin);
    expect(new Set(all.body['participants'] as string[])).toEqual(new Set([giver.projectId, receiver.projectId]));
    expect((await giver.call('GET', operation, undefined, {}, giver.stranger)).status).toBe(404);
    const transfer = await giver.call('GET', `${giver.path}/transfers/${offer.transferId}`);
    expect(transfer.body).toMatchObject({ status: 'completed', operationId: idOf(reply) });
  });

  it('tells neither side the project, the events or the figures of the other', async () => {
    const offer = await offered();
    const reply = await accept(receiver, offer);
    const operation = `/v1/operations/${idOf(reply)}`;
    const reads = ['disks', 'operations', 'events?limit=500', 'transfers', 'quota'];
    for (const [side, other] of [
      [giver, receiver],
      [receiver, giver],
    ] as const) {
      const paths = [...reads.map((each) => `${side.path}/${each}`), operation, `${operation}/events`];
      for (const path of [...paths, '/v1/disks', '/v1/operations', '/v1/transfers']) {
        const { status, text } = await side.call('GET', path);
        expect([path, status, text.includes(other.projectId)]).toEqual([path, 200, false]);
      }
    }
    expect(reply.text).not.toContain(giver.projectId);
    const types = async (by: DiskProject) =>
      ((await by.call('GET', `${operation}/events`)).body['items'] as { type: string }[]).map(({ type }) => type);
    expect(await types(giver)).toEqual(['TransferCompleted', 'ParticipationBegan', 'ParticipationEnded']);
    expect(await types(receiver)).toEqual(['DiskReceived', 'OperationRequested', 'OperationSucceeded']);
  });

  it('can be followed to its end by either side, from the beginning on', async () => {
    const reply = await accept(receiver, await offered());
    const url = `${server.server.url}/v1/operations/${idOf(reply)}/events?from=0`;
    for (const [side, last] of [
      [giver, 'ParticipationEnded'],
      [receiver, 'OperationSucceeded'],
    ] as const) {
      const headers = { authorization: `Bearer ${side.token}`, accept: 'text/event-stream' };
      const told = await (await fetch(url, { headers })).text();
      expect([...told.matchAll(/^event: (.*)$/gm)].at(-1)?.[1]).toBe(last);
    }
  });

  it('takes the disk over as it was, under its id, from one moment to the next', async () => {
    const before = await giver.provisioned({ tags: { team: 'a' }, shareable: true });
    const was = await giver.show(before);
    const offer = await giver.call('POST', `${before}/transfers`);
    const { position: then } = await store.head();
    await accept(receiver, { transferId: idOf(offer), code: String(offer.body['code']) });

    const { id, projectId: _mine, version: _then, updatedAt: _at, ...same } = was;
    const path = `${receiver.path}/disks/${String(id)}`;
    expect(await receiver.show(path)).toMatchObject({ ...same, id, projectId: receiver.projectId });
    expect((await giver.call('GET', before)).status).toBe(404);
    expect((await giver.call('GET', `${before}?asOf=${then}`)).body).toMatchObject({ status: 'awaiting-transfer' });
    expect((await receiver.call('GET', `${path}?asOf=${then}`)).status).toBe(404);

    expect(await giver.listed(`${giver.path}/disks`)).toEqual([]);
    expect(await receiver.listed(`${receiver.path}/disks`)).toEqual([(await receiver.call('GET', path)).body]);
    expect(await giver.listed(`${giver.path}/disks?asOf=${then}`)).toMatchObject([{ id, status: 'awaiting-transfer' }]);
    expect(await receiver.listed(`${receiver.path}/disks?asOf=${then}`)).toEqual([]);
    const admin = await giver.call('GET', path, undefined, {}, giver.admin);
    expect(admin.body).toEqual((await receiver.call('GET', path)).body);
    expect((await giver.call('GET', before, undefined, {}, giver.admin)).status).toBe(404);
    for (const view of [disksView, transfersView])
      expect((await server.server.rebuild(view)).differences.different).toBe(0);
  });

  it('leaves the disk to be worked with, and to be given back', async () => {
    const offer = await offered();
    await accept(receiver, offer);
    const there = `${receiver.path}/disks/${offer.diskId}`;
    const { headers } = await receiver.call('GET', there);
    const renamed = await receiver.call('PATCH', there, { name: 'mine' }, { 'if-match': headers.get('etag') ?? '' });
    expect(renamed.status).toBe(202);
    await server.accept(idOf(renamed));
    await server.end(idOf(renamed), { end: 'succeeded', outcome: {} });
    expect(await receiver.show(there)).toMatchObject({ name: 'mine' });

    const { position } = await store.head();
    const back = await receiver.call('POST', `${there}/transfers`);
    expect((await accept(giver, { transferId: idOf(back), code: String(back.body['code']) })).status).toBe(202);
    expect(await giver.show(offer.path)).toMatchObject({ name: 'mine', status: 'available' });
    expect((await receiver.call('GET', there)).status).toBe(404);
    expect((await giver.call('GET', `${offer.path}?asOf=${position}`)).status).toBe(404);
    expect((await receiver.call('GET', `${there}?asOf=${position}`)).body).toMatchObject({ name: 'mine' });
  });

  it('moves what is charged to the receiver, and nothing where the two meet', async () => {
    const { root } = server.server.seeded.projects;
    const offer = await offered();
    const atRoot = await usedAt(root);
    const disk = { disks: 1, 'disks:SSD': 1, gigabytes: 40, 'gigabytes:SSD': 40 };
    expect([await usedAt(giver.projectId), await usedAt(receiver.projectId)]).toEqual([disk, {}]);
    await accept(receiver, offer);
    expect([await usedAt(giver.projectId), await usedAt(receiver.projectId)]).toEqual([{}, disk]);
    expect(await usedAt(root)).toEqual(atRoot);
    expect((await server.server.ledger.recount()).differences).toEqual([]);
  });

  it('is bound by the receiver’s limits, and by nobody’s above that has the disk already', async () => {
    const { root } = server.server.seeded.projects;
    const offer = await offered();
    await receiver.setLimits([{ dimension: 'gigabytes', limit: 30 }]);
    const refused = await accept(receiver, offer);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'quota-exceeded']);
    expect(refused.body).toMatchObject({ dimension: 'gigabytes', requested: 40, missing: 10 });
    expect(refused.body['level']).toMatchObject({ projectId: receiver.projectId, limit: 30, used: 0 });
    const verdict = await accept(receiver, offer, '?validateOnly=true');
    expect(verdict.body).toMatchObject({
      allowed: false,
      problems: [{ type: '/problems/quota-exceeded', missing: 10 }],
    });
    expect(await giver.show(offer.path)).toMatchObject({ status: 'awaiting-transfer' });

    await receiver.setLimits([{ dimension: 'gigabytes', limit: 40 }]);
    const { gigabytes = 0 } = await usedAt(root);
    await server.limit(root, [{ dimension: 'gigabytes', limit: gigabytes }]);
    const possible = await accept(receiver, offer, '?validateOnly=true');
    expect(possible.body).toMatchObject({ allowed: true, problems: [] });
    const quota = possible.body['quota'] as { requested: number; sufficient: boolean }[];
    expect(quota.every(({ requested, sufficient }) => requested > 0 && sufficient)).toBe(true);
    expect((await accept(receiver, offer)).status).toBe(202);
    await server.limit(root, []);
  });

  it('is told the same of another code as of no transfer at all, by every route', async () => {
    const offer = await offered();
    const nowhere = { transferId: '0195f3a0-0000-7000-8000-00000000dead', code: offer.code };
    const told = async (reply: Promise<Reply>) => {
      const { status, body } = await reply;
      return [status, { ...body, instance: '', requestId: '' }];
    };
    const absent = await told(accept(receiver, nowhere));
    expect(absent[0]).toBe(404);
    expect(await told(accept(receiver, { ...offer, code: 'A'.repeat(43) }))).toEqual(absent);
    for (const method of ['GET', 'DELETE']) {
      const at = (project: DiskProject, id: string) => told(receiver.call(method, `${project.path}/transfers/${id}`));
      for (const project of [giver, receiver])
        expect(await at(project, offer.transferId)).toEqual(await at(project, nowhere.transferId));
    }
    const viewer = await receiver.newToken('viewer');
    const path = `${receiver.path}/transfers/${offer.transferId}/accept`;
    const seen = await receiver.call('POST', path, { code: offer.code }, {}, viewer.token);
    expect(seen.status).toBe(403);
  });

  it('is refused in the project that gives, twice, and in one without the cloud of the disk', async () => {
    const offer = await offered();
    const own = await accept(giver, offer);
    expect([own.status, codeOf(own)]).toEqual([409, 'transfer-within-project']);
    const bare = await giver.call('POST', '/v1/projects', { name: 'bare' }, {}, giver.admin);
    const path = `/v1/projects/${idOf(bare)}/transfers/${offer.transferId}/accept`;
    const cloudless = await giver.call('POST', path, { code: offer.code }, {}, giver.admin);
    expect([cloudless.status, codeOf(cloudless)]).toEqual([409, 'project-without-cloud']);

    const key = { 'idempotency-key': 'accept' };
    const accepted = `${receiver.path}/transfers/${offer.transferId}/accept`;
    const first = await receiver.call('POST', accepted, { code: offer.code }, key);
    const again = await receiver.call('POST', accepted, { code: offer.code }, key);
    expect([first.status, again.status, idOf(again)]).toEqual([202, 202, idOf(first)]);
    expect((await accept(receiver, offer)).status).toBe(404);
  });

  it('says no more than that the disk is not ready when it was attached behind our back', async () => {
    const offer = await offered();
    const attachments = [{ serverId: 'their-server', device: null }];
    await server.observe(offer.diskId, { status: 'in-use', cloudStatus: 'in-use', attachments });
    const refused = await accept(receiver, offer);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'transfer-not-ready']);
    expect(refused.text).not.toContain('their-server');
  });

  it('is not of a disk that is larger than the project that receives may have one', async () => {
    const offer = await offered({ sizeGiB: 40 });
    await receiver.setLimits([{ dimension: 'per_disk_gigabytes', limit: 30 }]);
    const over = { dimension: 'per_disk_gigabytes', requested: 40, missing: 10 };
    expect(await accept(receiver, offer)).toMatchObject({
      status: 409,
      body: { type: '/problems/quota-exceeded', ...over },
    });
    await receiver.setLimits([{ dimension: 'per_disk_gigabytes', limit: 40 }]);
    expect((await accept(receiver, offer)).status).toBe(202);
  });
});
