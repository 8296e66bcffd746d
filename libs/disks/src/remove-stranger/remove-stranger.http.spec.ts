import { BindingId, FindingId, ProjectId } from '@strata/kernel';
import { executeFact } from '@strata/projects';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import { findingFact, findingStream, type FindingKind } from '../finding/index.js';

let server: DiskServer;
let bindingId: BindingId;
/** Two platform admins beside the one who seeds. */
let anna: string;
let ben: string;

beforeAll(async () => {
  server = await DiskServer.start();
  bindingId = BindingId.parse(server.server.seeded.bindings.simulator);
  [anna, ben] = [await another('anna'), await another('ben')];
});
afterAll(() => server.close());

const another = async (name: string, token = server.server.tokens.platformAdmin): Promise<string> => {
  const path = `/v1/projects/${server.server.seeded.projects.root}/tokens`;
  const issued = await server.call('POST', path, { body: { name, role: 'platform-admin' }, token });
  return String(issued.body['token']);
};

const found = async (kind: FindingKind = 'unknown'): Promise<string> => {
  const cloudId = newId();
  const findingId = FindingId.parse(newId());
  const subject = { bindingId, cloudId, projectId: null, diskId: null };
  const cloud = {
    ...{ name: 'old', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01', marker: null },
    createdAt: '2026-11-22T10:00:00.000Z',
  };
  const sightings = [{ kind, findingId, ownerGuess: null, evidence: { differences: [], cloud } }];
  await executeFact(server.server.store, {
    streams: [findingStream(bindingId, cloudId)],
    meta: { actorId: newId() },
    decide: ({ streams: [thing] }) => {
      const command = { type: 'RecordSwept', subject, sightings, at: new Date().toISOString() } as const;
      return thing && { streams: findingFact(ProjectId.parse(bindingId), thing, command) };
    },
  });
  const path = `/v1/bindings/${bindingId}/findings/${findingId}`;
  // The way to a finding leads through the view.
  await server.listed(anna, `/v1/bindings/${bindingId}/findings`);
  return path;
};
const call: DiskServer['as'] = (...asked) => server.as(...asked);
const ask = (path: string, by = anna): Promise<Reply> =>
  call(by, 'POST', `${path}/removal`, { reason: 'nobody knows it' });
const approve = (path: string, by: string, headers: Record<string, string> = {}): Promise<Reply> =>
  call(by, 'POST', `${path}/removal/approve`, {}, headers);

describe('removing what Strata did not make', () => {
  it('is asked for, approved by two people, and then begins', async () => {
    const path = await found();
    const asked = await ask(path);
    expect([asked.status, asked.body]).toMatchObject([
      201,
      { removal: { status: 'requested', reason: 'nobody knows it', approvals: [] } },
    ]);
    expect(asked.headers.get('location')).toBe(path);
    expect(asked.body['actions']).toEqual(['adopt', 'approve-removal', 'reject-removal', 'ignore']);
    const first = await approve(path, anna);
    expect([first.status, (first.body['removal'] as { approvals: unknown[] }).approvals]).toMatchObject([200, [{}]]);
    expect(codeOf(await approve(path, anna))).toBe('approved-before');
    const second = await approve(path, ben);
    expect([second.status, second.body]).toMatchObject([
      202,
      { kind: 'finding.remove', status: 'queued', target: { type: 'binding', id: bindingId } },
    ]);
    expect((await call(ben, 'GET', path)).body).toMatchObject({
      status: 'open',
      actions: ['ignore'],
      removal: { status: 'approved', operationId: idOf(second), approvals: [{}, {}] },
    });
    const refused = await ask(path);
    expect([refused.status, codeOf(refused)]).toEqual([409, 'removal-under-way']);
    expect(refused.body['blockers']).toMatchObject([{ kind: 'operation', id: idOf(second) }]);
    await server.accept(idOf(second));
    await server.end(idOf(second), { end: 'succeeded', outcome: {} });
    expect((await call(ben, 'GET', path)).body).toMatchObject({ status: 'resolved', removal: { status: 'done' } });
    const then = String(asked.headers.get('strata-position'));
    const before = await call(ben, 'GET', `${path}?asOf=${then}`);
    expect(before.body).toMatchObject({ status: 'open', removal: { status: 'requested', approvals: [] } });
    expect(before.headers.get('strata-position')).toBe(then);
  });

  it('is not approved by two tokens of one hand', async () => {
    const { platformAdmin: first } = server.server.tokens;
    const ofAnna = [await another('carl', anna), await another('dora', anna)];
    const [carl = '', dora = ''] = ofAnna;
    const ofCarl = await another('emil', carl);
    const oneHand = [
      [anna, carl],
      [carl, anna],
      [anna, ofCarl],
      [first, anna],
      [first, ofCarl],
      [carl, dora],
      [dora, ofCarl],
    ] as const;
    for (const [one, other] of oneHand) {
      const path = await found();
      await ask(path);
      expect((await approve(path, one)).status).toBe(200);
      const { body: me } = await call(one, 'GET', '/v1/me');
      const refused = await approve(path, other);
      expect([refused.status, codeOf(refused)]).toEqual([409, 'approver-not-independent']);
      expect(refused.body).toMatchObject({ approvedBy: me['id'] });
      expect((await call(ben, 'GET', path)).body).toMatchObject({ removal: { status: 'requested', approvals: [{}] } });
      // Somebody else still can.
      if (one !== first) expect((await approve(path, ben)).status).toBe(202);
    }
  });

  it('is approved by two whom only the first token of the installation has let in', async () => {
    const path = await found();
    await ask(path);
    expect((await approve(path, await another('carl', anna))).status).toBe(200);
    expect((await approve(path, ben)).status).toBe(202);
  });

  it('is answered the same however often it is approved under the same key', async () => {
    const path = await found();
    await ask(path);
    const [one, two] = [{ 'idempotency-key': newId() }, { 'idempotency-key': newId() }];
    const approved = [await approve(path, anna, one), await approve(path, anna, one)];
    expect(approved.map(({ status, headers }) => [status, headers.get('idempotency-replayed')])).toEqual([
      [200, null],
      [200, 'true'],
    ]);
    const begun = await approve(path, ben, two);
    const again = await approve(path, ben, two);
    expect([again.status, idOf(again)]).toEqual([202, idOf(begun)]);
  });

  it('is rejected or withdrawn, and asked for anew', async () => {
    const path = await found();
    expect(codeOf(await approve(path, anna))).toBe('removal-not-requested');
    await ask(path);
    await approve(path, ben);
    const rejected = await call(anna, 'POST', `${path}/removal/reject`, {});
    expect([rejected.status, rejected.body]).toMatchObject([200, { removal: { status: 'rejected' } }]);
    expect(codeOf(await approve(path, anna))).toBe('removal-not-requested');
    expect((await ask(path, ben)).body).toMatchObject({ removal: { status: 'requested', approvals: [] } });
  });

  it('that failed is asked for anew: it is not tried again', async () => {
    const path = await found('orphan');
    await ask(path);
    await approve(path, anna);
    const { body } = await approve(path, ben);
    await server.fail(String(body['id']));
    expect((await call(anna, 'GET', path)).body).toMatchObject({ status: 'open', removal: { status: 'failed' } });
    expect(codeOf(await call(anna, 'POST', `/v1/operations/${String(body['id'])}/retry`, {}))).toBe('not-retryable');
    expect((await ask(path)).status).toBe(201);
  });

  it('is not for what Strata made, nor asked without a reason', async () => {
    expect(codeOf(await ask(await found('missing')))).toBe('not-removable');
    const path = await found();
    expect((await call(anna, 'POST', `${path}/removal`, { reason: '' })).status).toBe(400);
    expect((await call(anna, 'POST', `${path}/removal`, {})).status).toBe(400);
  });

  it('writes nothing when only the verdict is asked for', async () => {
    const path = await found();
    const verdict = await call(anna, 'POST', `${path}/removal?validateOnly=true`, { reason: 'x' });
    expect([verdict.status, verdict.body]).toMatchObject([200, { allowed: true }]);
    expect((await call(anna, 'GET', path)).body).toMatchObject({ removal: null });
  });

  it('is the affair of platform admins', async () => {
    const path = await found();
    const { alpha } = server.server.tokens;
    for (const reply of [await ask(path, alpha), await approve(path, alpha), await call(alpha, 'GET', path)])
      expect(reply.status).toBe(404);
    const { platformAdmin: token } = server.server.tokens;
    const tokens = `/v1/projects/${server.server.seeded.projects.root}/tokens`;
    const issued = await server.call('POST', tokens, { body: { name: 'carl', role: 'auditor' }, token });
    const auditor = String(issued.body['token']);
    expect((await call(auditor, 'GET', path)).status).toBe(200);
    expect((await ask(path, auditor)).status).toBe(403);
  });
});
