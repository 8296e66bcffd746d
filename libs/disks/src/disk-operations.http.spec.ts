import { isDeepStrictEqual } from 'node:util';
import { followEvents, operationRecordOf, operationsView, scopeOfOperation } from '@strata/operations';
import { PostgresTokenStore } from '@strata/event-store/postgres';
import { everything } from '@strata/event-store';
import { TokenAuthenticator } from '@strata/projects';
import type { Reply } from '@strata/projects/contract';
import { until } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DiskServer } from './contract/disk-server.js';
import { disksView } from './index.js';

let server: DiskServer;
let project: string;
let projectId: string;
let token: string;

beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());

const asAdmin = () => server.server.tokens.platformAdmin;
beforeEach(async () => {
  const body = { name: newId(), parentId: server.server.seeded.projects.root };
  const made = await server.call('POST', '/v1/projects', { body, token: asAdmin() });
  projectId = String(made.body['id']);
  project = `/v1/projects/${projectId}`;
  ({ token } = await newToken('operator'));
});
const newToken = async (role: string) => {
  const issued = await server.call('POST', `${project}/tokens`, { body: { name: role, role }, token: asAdmin() });
  return { token: String(issued.body['token']), path: `${project}/tokens/${String(issued.body['id'])}` };
};

const wanted = { name: 'db', sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01' };
type Headers = Readonly<Record<string, string>>;
const call = (method: string, path: string, body?: unknown, headers: Headers = {}, by = token): Promise<Reply> =>
  server.call(method, path, { ...(body !== undefined && { body }), headers, token: by });
const request = (change: object = {}) => call('POST', `${project}/disks`, { ...wanted, ...change });
const idOf = ({ body }: Reply) => String(body['id']);
const targetOf = ({ body }: Reply) => (body['target'] as { id: string }).id;
const codeOf = ({ body }: Reply) => String(body['type']).replace('/problems/', '');
const operation = async (id: string) => (await call('GET', `/v1/operations/${id}`)).body;
const cancel = (id: string) => call('POST', `/v1/operations/${id}/cancel`);
const retry = (id: string) => call('POST', `/v1/operations/${id}/retry`);

const listed = async (path: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const { position, incarnation } = await server.server.store.head();
  const reply = await call('GET', path, undefined, { 'strata-min-position': `${incarnation}.${position}` });
  expect(reply.status).toBe(200);
  return reply.body['items'] as never;
};
const partsOf = async (id: string) =>
  (await listed(`/v1/operations?partOf=${id}&sort=createdAt`)).map((part) => String(part['id']));
const charged = async () => {
  const figures = await server.server.ledger.path(projectId as never);
  const own = figures.filter(({ node, dimension }) => node === projectId && dimension === 'disks');
  return own.map(({ held, used, releasing }) => ({ held, used, releasing }));
};

describe('an operation', () => {
  it('tells its steps, from the request to the end', async () => {
    const reply = await request();
    const id = idOf(reply);
    await server.report(id, {
      type: 'IntendSend',
      attempt: 1,
      marker: `${id}.1`,
      sendWithinMs: 10_000,
      provenUnsent: false,
    });
    expect(await operation(id)).toMatchObject({
      status: 'running',
      progress: { phase: 'sending' },
      cancelability: 'at-next-safe-point',
      attempts: 1,
      steps: [{ name: 'send', status: 'running', endedAt: null }],
    });
    const fault = { code: 'HTTP 504', message: 'gateway', requestId: 'request-1' };
    await server.report(id, { type: 'RecordLost', data: { attempt: 1, fault } });
    expect(await operation(id)).toMatchObject({
      progress: { phase: 'looking-up' },
      steps: [
        { name: 'send', status: 'unknown', cloudRequestId: 'request-1' },
        { name: 'look-up', status: 'running' },
      ],
    });
    await server.report(id, {
      type: 'RecordAccepted',
      data: { attempt: 1, jobId: null, cloudId: 'cloud-1', cloudRequestId: null, via: 'look-up' },
    });
    server.waits.of.set(id, 'rate-budget');
    expect(await operation(id)).toMatchObject({
      waitingFor: 'rate-budget',
      progress: { phase: 'cloud-working' },
      cancelability: 'no',
      steps: [
        { name: 'send', status: 'succeeded' },
        { name: 'look-up', status: 'succeeded' },
        { name: 'cloud-work', status: 'running' },
      ],
    });
    await server.end(id, { end: 'succeeded', outcome: { cloudId: 'cloud-1' } });
    const ended = await operation(id);
    expect(ended).toMatchObject({
      status: 'succeeded',
      waitingFor: null,
      progress: { percent: 100, phase: 'succeeded', eta: null },
      result: { diskId: targetOf(reply) },
      startedAt: expect.any(String),
      endedAt: expect.any(String),
    });
    expect((ended['steps'] as { status: string }[]).map(({ status }) => status)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
    expect(await listed(`${project}/operations`)).toEqual([ended]);
  });

  it('is expected to end when others of its kind did', async () => {
    for (let index = 0; index < 3; index++) await server.provision(idOf(await request()), `cloud-${newId()}`);
    await listed(`${project}/operations`);
    const id = idOf(await request());
    await server.accept(id);
    // The others took no time to speak of, so that this one is late soon.
    await until('it is later than the others were', async () => {
      const { progress } = await operation(id);
      return isDeepStrictEqual(progress, { percent: 95, phase: 'cloud-working', eta: null });
    });
  });

  it('is 404 for strangers, and shown as it was', async () => {
    const reply = await request();
    await server.provision(idOf(reply), 'cloud-1');
    const path = `/v1/operations/${idOf(reply)}`;
    expect((await call('GET', path, undefined, {}, server.server.tokens.beta)).status).toBe(404);
    expect((await call('POST', `${path}/cancel`, undefined, {}, server.server.tokens.beta)).status).toBe(404);
    expect((await call('GET', `${path}/events`, undefined, {}, server.server.tokens.beta)).status).toBe(404);
    const then = reply.headers.get('strata-position') ?? '';
    expect((await call('GET', `${path}?asOf=${then}`)).body).toMatchObject({ status: 'queued', endedAt: null });
    expect(await listed(`${project}/operations?asOf=${then}`)).toMatchObject([{ status: 'queued' }]);
  });

  it('is found by what it works on, by kind and by status', async () => {
    const reply = await request();
    await server.provision(idOf(reply), 'cloud-1');
    const refresh = await call('POST', `${project}/disks/${targetOf(reply)}/refresh`);
    const ids = async (query: string) => (await listed(`/v1/operations?${query}`)).map(({ id }) => id);
    expect(await ids(`target.id=${targetOf(reply)}`)).toEqual([idOf(refresh), idOf(reply)]);
    expect(await ids(`target.id=${targetOf(reply)}&status=succeeded`)).toEqual([idOf(reply)]);
    expect(await ids(`projectId=${projectId}&kind=disk.refresh`)).toEqual([idOf(refresh)]);
    expect(await ids(`id=${idOf(reply)}`)).toEqual([idOf(reply)]);
  });
});

describe('cancelling', () => {
  it('ends at once what was not begun, and frees what was held', async () => {
    const reply = await request();
    const cancelled = await cancel(idOf(reply));
    expect(cancelled.status).toBe(202);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', cancelability: 'no', startedAt: null });
    expect(await charged()).toEqual([{ held: 0, used: 0, releasing: 0 }]);
    const { body } = await call('GET', `${project}/disks/${targetOf(reply)}`);
    expect(body).toMatchObject({ status: 'error', cloud: null, allowedActions: ['delete'] });
    expect(codeOf(await cancel(idOf(reply)))).toBe('not-cancellable');
  });

  it('waits for the next safe point of what is under way', async () => {
    const id = idOf(await request());
    const sent = { attempt: 1, marker: `${id}.1`, sendWithinMs: 10_000, provenUnsent: false };
    await server.report(id, { type: 'IntendSend', ...sent });
    expect((await cancel(id)).body).toMatchObject({ status: 'running' });
    expect((await cancel(id)).status).toBe(202);
    await server.report(id, { type: 'PresumeAbsent', data: { attempt: 1, emptyLooks: 3 } });
    await server.end(id, { end: 'cancelled' });
    expect(await operation(id)).toMatchObject({ status: 'cancelled', steps: [{ name: 'send', status: 'failed' }] });
  });

  it('is refused once the cloud has it', async () => {
    const id = idOf(await request());
    await server.accept(id);
    const refused = await cancel(id);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ type: '/problems/not-cancellable', reason: expect.stringContaining('cloud') });
  });

  it('ends every part of a batch that can be cancelled', async () => {
    const batch = idOf(await request({ count: 3 }));
    const [first = ''] = await partsOf(batch);
    await server.accept(first);
    expect((await cancel(batch)).body).toMatchObject({ status: 'queued' });
    expect((await listed(`/v1/operations?partOf=${batch}`)).map(({ status }) => status).sort()).toEqual([
      'cancelled',
      'cancelled',
      'running',
    ]);
    expect(await charged()).toEqual([{ held: 1, used: 0, releasing: 0 }]);
  });

  it('ends a batch with its parts when none was begun', async () => {
    const batch = idOf(await request({ count: 2 }));
    expect((await cancel(batch)).body).toMatchObject({ status: 'cancelled' });
    expect(await charged()).toEqual([{ held: 0, used: 0, releasing: 0 }]);
  });

  it('is refused when the cloud has every part', async () => {
    const batch = idOf(await request({ count: 2 }));
    for (const part of await partsOf(batch)) await server.accept(part);
    expect(codeOf(await cancel(batch))).toBe('not-cancellable');
  });

  it('needs the right to', async () => {
    const id = idOf(await request());
    const viewer = await newToken('viewer');
    expect((await call('POST', `/v1/operations/${id}/cancel`, undefined, {}, viewer.token)).status).toBe(403);
  });
});

describe('trying again', () => {
  it('is a new operation, once', async () => {
    const reply = await request();
    await server.fail(idOf(reply));
    const again = await retry(idOf(reply));
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({
      kind: 'disk.create',
      target: { id: targetOf(reply) },
      status: 'queued',
      retryOf: idOf(reply),
    });
    expect(again.headers.get('location')).toBe(`/v1/operations/${idOf(again)}`);
    expect(await operation(idOf(reply))).toMatchObject({ status: 'failed', retriedBy: idOf(again) });
    expect(await charged()).toEqual([{ held: 1, used: 0, releasing: 0 }]);
    expect(codeOf(await retry(idOf(reply)))).toBe('not-retryable');
    await server.provision(idOf(again), 'cloud-1');
    const { body } = await call('GET', `${project}/disks/${targetOf(reply)}`);
    expect(body).toMatchObject({ status: 'available' });
  });

  it('is refused for what did not fail, and where the disk refuses', async () => {
    const reply = await request();
    expect(codeOf(await retry(idOf(reply)))).toBe('not-retryable');
    await server.fail(idOf(reply));
    await call('DELETE', `${project}/disks/${targetOf(reply)}`);
    const gone = await retry(idOf(reply));
    expect(gone.body).toMatchObject({
      type: '/problems/not-retryable',
      reason: 'nothing of what failed is there any more',
    });
  });

  it('passes the bounds of today again', async () => {
    const reply = await request();
    await server.fail(idOf(reply));
    await server.limit(projectId, [{ dimension: 'per_disk_gigabytes', limit: wanted.sizeGiB / 2 }]);
    expect(codeOf(await retry(idOf(reply)))).toBe('disk-too-large');
    expect(await operation(idOf(reply))).toMatchObject({ retriedBy: null });
  });

  it('takes of a batch what failed or was cancelled', async () => {
    const batch = idOf(await request({ count: 3 }));
    const [first = '', second = '', third = ''] = await partsOf(batch);
    await server.provision(first, 'cloud-1');
    await server.fail(second);
    await cancel(third);
    const outcome = { parts: [] };
    const error = { code: 'partial-failure', title: 'some failed', owner: 'you', remedy: 'retry' } as const;
    await server.report(batch, { type: 'Begin' });
    await server.end(batch, { end: 'failed', error: { ...error, retryable: true, cloud: null }, left: outcome });
    expect(codeOf(await retry(second))).toBe('not-retryable');
    const again = await retry(batch);
    expect(again.body).toMatchObject({ target: { type: 'disks' }, retryOf: batch });
    const parts = await listed(`/v1/operations?partOf=${idOf(again)}`);
    expect(parts.map(({ retryOf }) => retryOf).sort()).toEqual([second, third].sort());
    expect(await charged()).toEqual([{ held: 2, used: 1, releasing: 0 }]);
  });
});

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly stream: string; readonly position: number };
}
const read = async (path: string, headers: Headers = {}, by = token) => {
  const response = await fetch(server.server.url + path, {
    headers: { authorization: `Bearer ${by}`, accept: 'text/event-stream', ...headers },
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  return response;
};
const parse = (text: string): readonly Told[] =>
  text
    .split('\n\n')
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))))
    .filter((fields) => fields['event'] !== undefined)
    .map((fields) => ({ ...fields, data: JSON.parse(String(fields['data'])) }) as Told);

describe('the events of an operation', () => {
  it('come as a page, with those of its parts', async () => {
    const batch = await request({ count: 2 });
    const path = `/v1/operations/${idOf(batch)}/events`;
    const all = (await call('GET', path)).body['items'] as { type: string; operationId: string; hash: string }[];
    expect(all.map(({ type }) => type)).toEqual([
      'OperationRequested',
      'OperationRequested',
      'DiskRequested',
      'OperationRequested',
      'DiskRequested',
    ]);
    const page = await call('GET', `${path}?limit=3`);
    const rest = await call('GET', `${path}?limit=3&cursor=${String(page.body['nextCursor'])}`);
    expect([...(page.body['items'] as object[]), ...(rest.body['items'] as object[])]).toEqual(all);
    expect(rest.body['nextCursor']).toBeNull();
    const [part = ''] = await partsOf(idOf(batch));
    const ofPart = await call('GET', `/v1/operations/${part}/events`);
    expect((ofPart.body['items'] as { type: string }[]).map(({ type }) => type)).toEqual([
      'OperationRequested',
      'DiskRequested',
    ]);
    const then = all.length;
    await server.accept(part);
    expect((await call('GET', path)).body['items']).toHaveLength(then + 2);
    expect((await call('GET', `${path}?asOf=${String(batch.headers.get('strata-position'))}`)).body['items']).toEqual(
      all,
    );
  });

  it('are streamed to the terminal one', async () => {
    const reply = await request();
    const path = `/v1/operations/${idOf(reply)}/events`;
    const stream = await read(`${path}?from=0`);
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: { cloudId: 'cloud-1' } });
    const told = parse(await stream.text());
    expect(told.map(({ event }) => event)).toEqual([
      'OperationRequested',
      'DiskRequested',
      'SendIntended',
      'SendAccepted',
      'DiskProvisioned',
      'OperationSucceeded',
    ]);
    const resumed = await read(path, { 'last-event-id': String(told[1]?.id) });
    expect(parse(await resumed.text())).toEqual(told.slice(2));
    const after = await read(path, { 'last-event-id': String(told.at(-1)?.id) });
    expect(parse(await after.text())).toEqual([]);
    const now = await read(path);
    expect(parse(await now.text())).toEqual([]);
  });

  it('begin with a reset when the log is another one', async () => {
    const id = idOf(await request());
    const stream = await read(`/v1/operations/${id}/events`, { 'last-event-id': 'another.3' });
    await cancel(id);
    const told = parse(await stream.text());
    expect(told[0]?.event).toBe('reset');
    expect(told.at(-1)?.event).toBe('OperationCancelled');
  });

  it('end with the token of their reader', async () => {
    const id = idOf(await request());
    const viewer = await newToken('viewer');
    const { store } = server.server;
    const tokens = new PostgresTokenStore(store.pool);
    const caller = await new TokenAuthenticator(tokens).authenticate({ authorization: `Bearer ${viewer.token}` });
    const { streams } = await store.load({ sight: everything, streams: [`operation-${id}`] });
    const record = operationRecordOf(streams[0]?.events ?? []);
    if (!caller || !record) throw new Error('the viewer and the operation are known');
    const scope = scopeOfOperation(everything, record);
    const bounds = { tokenCheckMs: 20 };
    const stream = followEvents({ store, tokens }, scope, { after: 0 }, caller, new AbortController().signal, bounds);
    expect((await stream.next()).value).toMatchObject({ event: 'OperationRequested' });
    expect((await stream.next()).value).toMatchObject({ event: 'DiskRequested' });
    const end = stream.next();
    const revoked = await call('DELETE', viewer.path, undefined, {}, asAdmin());
    expect(revoked.status).toBe(204);
    expect((await end).done).toBe(true);
  });
});

describe('the events of a project', () => {
  it('are its own', async () => {
    const id = idOf(await request());
    const events = await call('GET', `${project}/events?limit=500`);
    const items = events.body['items'] as { projectId: string; type: string; operationId: string | null }[];
    expect(new Set(items.map((event) => event.projectId))).toEqual(new Set([projectId]));
    expect(items.filter(({ operationId }) => operationId === id)).toHaveLength(2);
    const strangers = server.server.tokens.beta;
    expect((await call('GET', `${project}/events`, undefined, {}, strangers)).status).toBe(404);
  });

  it('are streamed as they happen', async () => {
    const stop = new AbortController();
    const response = await fetch(`${server.server.url}${project}/events`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      signal: stop.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await request();
    let text = '';
    while (!text.includes('event: DiskRequested\n') && reader) text += (await reader.read()).value ?? '';
    expect(parse(text).map(({ event }) => event)).toEqual(['OperationRequested', 'DiskRequested']);
    stop.abort();
  });
});

describe('the whole log', () => {
  it('is shown to those who may see everything', async () => {
    const refused = await call('GET', '/v1/events');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ missing: { role: 'auditor', projectId: null } });
    const page = await call('GET', '/v1/events?limit=2', undefined, {}, asAdmin());
    expect((page.body['items'] as { position: number }[]).map(({ position }) => position)).toEqual([1, 2]);
    const from = await call('GET', '/v1/events?limit=1&from=2', undefined, {}, asAdmin());
    expect(from.body['items']).toMatchObject([{ position: 3 }]);
    expect(codeOf(await call('GET', '/v1/events?from=another.2', undefined, {}, asAdmin()))).toBe('log-restored');
    for (const headers of [{}, { Accept: 'text/event-stream' }]) {
      const { body } = await call('GET', '/v1/events?from=999999', undefined, headers, asAdmin());
      expect(body).toMatchObject({ errors: [{ pointer: '/query/from', detail: 'lies beyond the head of the log' }] });
    }
  });
});

describe('the views of disks and operations', () => {
  it('come out the same from the whole log, row for row, as of every position', async () => {
    for (const view of [disksView, operationsView]) {
      await listed('/v1/disks');
      await listed('/v1/operations');
      const { differences } = await server.server.rebuild(view);
      expect(differences).toMatchObject({ different: 0, first: [] });
      expect(differences.compared).toBeGreaterThan(0);
    }
  });
});
