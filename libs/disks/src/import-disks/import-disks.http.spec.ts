import { BindingId } from '@strata/kernel';
import { cloudRefusal } from '@strata/operations';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catalogueKinds } from '../cloud-catalogue/cloud-catalogue.js';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import { endAdoption, sweptDisk } from '../contract/found-disks.js';

interface Plan {
  readonly planHash: string;
  readonly sweep: { readonly at: string; readonly age: number } | null;
  readonly disks: readonly { readonly cloudId: string; readonly projectId: string }[];
  readonly unmatched: readonly { readonly cloudId: string }[];
  readonly counts: object;
  readonly quota: readonly object[];
}

let server: DiskServer;
let bindingId: BindingId;
let [billing, ledger] = [] as unknown as [DiskProject, DiskProject];
let path: string;

beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());
/** Each test has a cloud of its own. */
beforeEach(async () => {
  const endpoints = { iam: 'http://127.0.0.1:7071/iam', evs: 'http://127.0.0.1:7071/evs' };
  const access = { kind: 'evs', region: 'eu-de', endpoints, cloudProjectId: newId(), credentials: { ref: 'other' } };
  const made = await server.call('POST', '/v1/bindings', {
    ...{ body: { name: newId(), ...access }, token: server.server.tokens.platformAdmin },
  });
  bindingId = BindingId.parse(idOf(made));
  path = `/v1/bindings/${bindingId}/import`;
  billing = await DiskProject.make(server, bindingId);
  ledger = await DiskProject.make(server, bindingId);
});

const asAdmin = (method: string, to: string, body?: object, headers: Record<string, string> = {}): Promise<Reply> =>
  billing.call(method, to, body, headers, billing.admin);
const rules = () => ({
  rules: [
    { by: 'tag', key: 'team', value: 'billing', projectId: billing.projectId },
    { by: 'name', pattern: 'ledger-*', projectId: ledger.projectId },
  ],
});
const found = (change: Parameters<typeof sweptDisk>[3] = {}) => sweptDisk(server, bindingId, 'unknown', change);
const planned = async (body: object = rules()): Promise<Plan> => {
  const reply = await asAdmin('POST', `${path}?validateOnly=true`, body);
  expect([reply.status, reply.text]).toMatchObject([200, expect.any(String)]);
  expect(reply.body).toMatchObject({ allowed: true, problems: [] });
  return reply.body['plan'] as unknown as Plan;
};
const partsOf = async (reply: Reply) => {
  const parts = await Promise.all(
    [billing, ledger].map(({ projectId }) =>
      billing.listed(`/v1/projects/${projectId}/operations?partOf=${idOf(reply)}`, billing.admin),
    ),
  );
  return parts.flat() as unknown as readonly {
    readonly id: string;
    readonly kind: string;
    readonly projectId: string;
  }[];
};
/** The views have seen all that was written, which is much. */
const caughtUp = async (): Promise<void> => {
  const { position, incarnation } = await server.server.store.head();
  const seen = { 'strata-min-position': `${incarnation}.${position}` };
  for (const list of [`/v1/bindings/${bindingId}/findings?limit=1`, '/v1/disks?limit=1'])
    while ((await asAdmin('GET', list, undefined, seen)).status === 503);
};
const findings = (query = '') => billing.listed(`/v1/bindings/${bindingId}/findings?${query}`, billing.admin);

describe('the plan of an import', () => {
  it('says which disk goes where and by which rule, and what is left', async () => {
    const tagged = await found();
    const named = await found({ name: 'ledger-1', tags: {}, sizeGiB: 30 });
    const other = await found({ name: 'other', tags: {} });
    const odd = await found({ type: 'very fast' });
    await sweptDisk(server, bindingId, 'foreign-marker', { marker: `${newId()}.1` });
    const head = (await server.server.store.head()).position;
    const plan = await planned();
    expect(plan.disks).toEqual([
      {
        ...{ cloudId: tagged.cloudId, name: 'billing-db', sizeGiB: 20, type: 'SSD', projectId: billing.projectId },
        ...{ by: 'tag', rule: 0 },
      },
      {
        ...{ cloudId: named.cloudId, name: 'ledger-1', sizeGiB: 30, type: 'SSD', projectId: ledger.projectId },
        ...{ by: 'name', rule: 1 },
      },
    ]);
    expect(plan.unmatched).toMatchObject([
      { cloudId: other.cloudId, adoptable: true },
      { cloudId: odd.cloudId, adoptable: false },
    ]);
    expect(plan.counts).toEqual({ matched: 2, unmatched: 2, beyond: 0 });
    expect((await planned({ ...rules(), default: ledger.projectId })).disks).toMatchObject([
      {},
      {},
      { cloudId: other.cloudId, projectId: ledger.projectId, by: 'default', rule: null },
    ]);
    expect((await server.server.store.head()).position).toBe(head);
  });

  it('says what the quota of each project comes to, also past its limit', async () => {
    await billing.setLimits([{ dimension: 'gigabytes', limit: 30 }]);
    await found();
    await found();
    const { quota } = await planned();
    expect(quota).toContainEqual({
      ...{ projectId: billing.projectId, dimension: 'gigabytes', limit: 30, charged: 0, after: 40, overBy: 10 },
    });
    expect(quota).toContainEqual({
      ...{ projectId: billing.projectId, dimension: 'disks:SSD', limit: 'unlimited', charged: 0, after: 2, overBy: 0 },
    });
  });

  it('says of every figure of the verdict whose it is', async () => {
    await billing.setLimits([{ dimension: 'gigabytes', limit: 30 }]);
    await found();
    await found({ name: 'ledger-1', tags: {}, sizeGiB: 30 });
    const { body } = await asAdmin('POST', `${path}?validateOnly=true`, rules());
    const quota = body['quota'] as readonly { readonly dimension: string }[];
    expect(quota.filter(({ dimension }) => dimension === 'gigabytes')).toEqual([
      { projectId: billing.projectId, dimension: 'gigabytes', requested: 20, available: 30, sufficient: true },
      { projectId: ledger.projectId, dimension: 'gigabytes', requested: 30, available: 'unlimited', sufficient: true },
    ]);
  });

  it('says how old it is', async () => {
    await found();
    expect((await planned()).sweep).toBeNull();
    const fetchedAt = new Date(Date.now() - 90_000).toISOString();
    server.catalogue.of.set(bindingId, [{ kind: catalogueKinds.sweep, items: {}, fetchedAt }]);
    const { sweep } = await planned();
    expect(sweep?.at).toBe(fetchedAt);
    expect(sweep?.age).toBeGreaterThanOrEqual(90);
  });

  it('shows what is left also where nothing fits', async () => {
    await found({ name: 'other', tags: {} });
    const { status, body } = await asAdmin('POST', `${path}?validateOnly=true`, rules());
    expect([status, body]).toMatchObject([
      200,
      {
        ...{ allowed: false, problems: [{ type: '/problems/nothing-to-import', status: 409 }], quota: [] },
        plan: { disks: [], unmatched: [{ name: 'other' }] },
      },
    ]);
    expect(codeOf(await asAdmin('POST', path, rules()))).toBe('nothing-to-import');
  });
});

describe('an import', () => {
  it('adopts each disk into its project, as parts of one operation, past limits too', async () => {
    await billing.setLimits([{ dimension: 'gigabytes', limit: 5 }]);
    const [tagged, named] = [await found(), await found({ name: 'ledger-1', tags: {} })];
    const left = await found({ name: 'other', tags: {} });
    const { planHash } = await planned();
    const reply = await asAdmin('POST', path, { ...rules(), planHash });
    expect([reply.status, reply.body]).toMatchObject([
      202,
      { kind: 'binding.import', target: { type: 'binding', id: bindingId }, status: 'queued' },
    ]);
    const parts = await partsOf(reply);
    expect(parts.map(({ kind, projectId }) => [kind, projectId])).toEqual([
      ['disk.adopt', billing.projectId],
      ['disk.adopt', ledger.projectId],
    ]);
    expect(await findings('status=adopting')).toHaveLength(2);
    expect((await billing.call('GET', `/v1/operations/${idOf(reply)}`)).status).toBe(404);
    const [first, second] = parts;
    await endAdoption(server, first?.id ?? '', tagged.cloudId);
    const gone = { code: 'EVS.2008', message: 'not there', requestId: null };
    await server.end(second?.id ?? '', { end: 'failed', error: cloudRefusal('not-found', gone), left: {} });
    await server.gather(idOf(reply));
    const { body } = await asAdmin('GET', `/v1/operations/${idOf(reply)}`);
    expect(body).toMatchObject({ status: 'failed', error: { code: 'partial-failure' } });
    expect((body['result'] as { disks: unknown }).disks).toMatchObject([
      { cloudId: tagged.cloudId, projectId: billing.projectId, status: 'succeeded', error: null },
      { cloudId: named.cloudId, projectId: ledger.projectId, status: 'failed', error: { code: 'not-found-in-cloud' } },
    ]);
    expect(await billing.listed(`${billing.path}/disks`)).toMatchObject([{ cloud: { id: tagged.cloudId } }]);
    expect(await ledger.listed(`${ledger.path}/disks`)).toEqual([]);
    const open = (await findings('status=open')) as readonly { readonly cloud: { readonly id: string } }[];
    expect(open.map(({ cloud }) => cloud.id).sort()).toEqual([named.cloudId, left.cloudId].sort());
    expect(codeOf(await asAdmin('POST', `/v1/operations/${idOf(reply)}/retry`))).toBe('not-retryable');
    expect((await asAdmin('POST', path, rules())).status).toBe(202);
    expect((await server.server.ledger.recount()).differences).toEqual([]);
  });

  it('happens once for one key, and leaves a second nothing to do', async () => {
    await found();
    const key = { 'idempotency-key': newId() };
    const reply = await asAdmin('POST', path, rules(), key);
    expect(reply.status).toBe(202);
    expect((await asAdmin('POST', path, rules(), key)).body['id']).toBe(idOf(reply));
    await findings();
    expect(codeOf(await asAdmin('POST', path, rules()))).toBe('nothing-to-import');
    expect(await partsOf(reply)).toHaveLength(1);
  });

  it('is cancelled with all of its parts', async () => {
    await found();
    await found();
    const reply = await asAdmin('POST', path, rules());
    const cancelled = await asAdmin('POST', `/v1/operations/${idOf(reply)}/cancel`);
    const verdict = { projectId: billing.projectId, status: 'cancelled', error: null };
    const result = { disks: [verdict, verdict] };
    expect([cancelled.status, cancelled.body]).toMatchObject([202, { status: 'cancelled', result }]);
    expect(await findings('status=open')).toHaveLength(2);
    expect(await billing.listed(`${billing.path}/disks`)).toEqual([]);
  });

  it('is only the plan that was agreed to', async () => {
    await found();
    const { planHash } = await planned();
    await found();
    const refused = await asAdmin('POST', path, { ...rules(), planHash });
    expect(codeOf(refused)).toBe('plan-changed');
    const now = (await planned()).planHash;
    expect(refused.body['planHash']).toBe(now);
    expect((await asAdmin('POST', path, { ...rules(), planHash: now })).status).toBe(202);
  });

  it('takes a thousand disks at a time and leaves the rest to the next', async () => {
    for (let begin = 0; begin < 1_010; begin += 101) await Promise.all(Array.from({ length: 101 }, () => found()));
    await caughtUp();
    expect((await planned()).counts).toEqual({ matched: 1_010, unmatched: 0, beyond: 10 });
    expect((await asAdmin('POST', path, rules())).status).toBe(202);
    await caughtUp();
    expect(await planned()).toMatchObject({ counts: { matched: 10, beyond: 0 } });
    expect((await server.server.ledger.recount()).differences).toEqual([]);
  }, 240_000);

  it('is refused for projects that have their disks elsewhere, and for rules that say nothing', async () => {
    await found();
    const elsewhere = idOf(await asAdmin('POST', '/v1/projects', { name: newId() }));
    for (const [body, pointer] of [
      [{ rules: [{ by: 'name', pattern: '*', projectId: elsewhere }] }, '/rules/0/projectId'],
      [{ rules: [{ by: 'name', pattern: '', projectId: elsewhere }] }, '/rules/0/pattern'],
      [{ planHash: 'x' }, '/planHash'],
    ] as const)
      expect((await asAdmin('POST', path, body)).body).toMatchObject({ status: 400, errors: [{ pointer }] });
    for (const [body, pointer] of [
      [{ rules: [{ by: 'name', pattern: '*', projectId: newId() }] }, '/rules/0/projectId'],
      [{ default: newId() }, '/default'],
    ] as const)
      expect((await asAdmin('POST', path, body)).body).toMatchObject({ status: 404, errors: [{ pointer }] });
    expect(codeOf(await asAdmin('POST', path, {}))).toBe('nothing-to-import');
  });

  it('is the affair of platform-admins', async () => {
    await found();
    for (const query of ['', '?validateOnly=true']) {
      expect((await billing.call('POST', path + query, rules())).status).toBe(404);
      expect((await billing.call('POST', path + query, rules(), {}, billing.stranger)).status).toBe(404);
      expect((await asAdmin('POST', `/v1/bindings/${newId()}/import${query}`, rules())).body).toMatchObject(
        query === '' ? { status: 404 } : { allowed: false, problems: [{ type: '/problems/not-found' }] },
      );
    }
    expect(await findings('status=open')).toHaveLength(1);
  });
});
