import { everything } from '@strata/event-store';
import { PostgresTokenStore } from '@strata/event-store/postgres';
import { followEvents, operationRecordOf, scopeOfOperation } from '@strata/operations';
import { TokenAuthenticator } from '@strata/projects';
import { describe, expect, it } from 'vitest';
import { codeOf, type DiskProject, idOf } from './contract/disk-project.js';
import { type DiskServer } from './contract/disk-server.js';
import { forEachDiskProject } from './contract/for-each-disk-project.js';

let server: DiskServer;
let my: DiskProject;

forEachDiskProject((project, started) => {
  my = project;
  server = started;
});

const partsOf = async (id: string) =>
  (await my.listed(`/v1/operations?partOf=${id}&sort=createdAt`)).map((part) => String(part['id']));

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly stream: string; readonly position: number; readonly requestId: string | null };
}
const read = async (path: string, headers: Readonly<Record<string, string>> = {}, by = my.token) => {
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
    const batch = await my.request({ count: 2 });
    const path = `/v1/operations/${idOf(batch)}/events`;
    const all = (await my.call('GET', path)).body['items'] as { type: string; operationId: string; hash: string }[];
    expect(all.map(({ type }) => type)).toEqual([
      'OperationRequested',
      'OperationRequested',
      'DiskRequested',
      'OperationRequested',
      'DiskRequested',
    ]);
    const page = await my.call('GET', `${path}?limit=3`);
    const rest = await my.call('GET', `${path}?limit=3&cursor=${String(page.body['nextCursor'])}`);
    expect([...(page.body['items'] as object[]), ...(rest.body['items'] as object[])]).toEqual(all);
    expect(rest.body['nextCursor']).toBeNull();
    const [part = ''] = await partsOf(idOf(batch));
    const ofPart = await my.call('GET', `/v1/operations/${part}/events`);
    expect((ofPart.body['items'] as { type: string }[]).map(({ type }) => type)).toEqual([
      'OperationRequested',
      'DiskRequested',
    ]);
    const then = all.length;
    await server.accept(part);
    expect((await my.call('GET', path)).body['items']).toHaveLength(then + 2);
    expect(
      (await my.call('GET', `${path}?asOf=${String(batch.headers.get('strata-position'))}`)).body['items'],
    ).toEqual(all);
  });

  it('are of one moment on all pages, also where asOf names a time that is not over', async () => {
    const reply = await my.request();
    const path = `/v1/operations/${idOf(reply)}/events?limit=1`;
    const soon = new Date(Date.now() + 60_000).toISOString();
    const first = await my.call('GET', `${path}&asOf=${soon}`);
    await server.accept(idOf(reply));
    const second = await my.call('GET', `${path}&cursor=${String(first.body['nextCursor'])}`);
    const pages = [first, second].map(({ body }) => (body['items'] as { type: string }[]).map(({ type }) => type));
    expect(pages).toEqual([['OperationRequested'], ['DiskRequested']]);
    expect(second.body['nextCursor']).toBeNull();
    expect(second.headers.get('strata-position')).toBe(first.headers.get('strata-position'));
  });

  it('are streamed to the terminal one', async () => {
    const reply = await my.request();
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

  it('name the request that wrote them, and none where it was a worker', async () => {
    const reply = await my.request({}, { 'x-request-id': 'nightly-17' });
    const path = `/v1/operations/${idOf(reply)}/events`;
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: { cloudId: 'cloud-1' } });
    const items = (await my.call('GET', path)).body['items'] as Told['data'][];
    const requestIds = ['nightly-17', 'nightly-17', null, null, null, null];
    expect(items.map(({ requestId }) => requestId)).toEqual(requestIds);
    const ofProject = (await my.call('GET', `${my.path}/events?limit=500`)).body['items'] as Told['data'][];
    expect(ofProject.filter(({ requestId }) => requestId === 'nightly-17')).toEqual(items.slice(0, 2));
    expect(parse(await (await read(`${path}?from=0`)).text()).map(({ data }) => data)).toEqual(items);
  });

  it('begin with a reset when the log is another one', async () => {
    const id = idOf(await my.request());
    const stream = await read(`/v1/operations/${id}/events`, { 'last-event-id': 'another.3' });
    await my.call('POST', `/v1/operations/${id}/cancel`);
    const told = parse(await stream.text());
    expect(told[0]?.event).toBe('reset');
    expect(told.at(-1)?.event).toBe('OperationCancelled');
  });

  it('end with the token of their reader', async () => {
    const id = idOf(await my.request());
    const viewer = await my.newToken('viewer');
    const { store } = server.server;
    const tokens = new PostgresTokenStore(store.pool);
    const caller = await new TokenAuthenticator(tokens).authenticate({ authorization: `Bearer ${viewer.token}` });
    const { streams } = await store.load({ sight: everything, streams: [`operation-${id}`] });
    const record = operationRecordOf(streams[0]?.events ?? []);
    if (!caller || !record) throw new Error('the viewer and the operation are known');
    const scope = scopeOfOperation(everything, { record, stream: `operation-${id}` });
    const bounds = { tokenCheckMs: 20 };
    const stream = followEvents({ store, tokens }, scope, { after: 0 }, caller, new AbortController().signal, bounds);
    expect((await stream.next()).value).toMatchObject({ event: 'OperationRequested' });
    expect((await stream.next()).value).toMatchObject({ event: 'DiskRequested' });
    const end = stream.next();
    const revoked = await my.call('DELETE', viewer.path, undefined, {}, my.admin);
    expect(revoked.status).toBe(204);
    expect((await end).done).toBe(true);
  });
});

describe('the events of a project', () => {
  it('are its own', async () => {
    const id = idOf(await my.request());
    const events = await my.call('GET', `${my.path}/events?limit=500`);
    const items = events.body['items'] as { projectId: string; type: string; operationId: string | null }[];
    expect(new Set(items.map((event) => event.projectId))).toEqual(new Set([my.projectId]));
    expect(items.filter(({ operationId }) => operationId === id)).toHaveLength(2);
    const strangers = my.stranger;
    expect((await my.call('GET', `${my.path}/events`, undefined, {}, strangers)).status).toBe(404);
  });

  it('are streamed as they happen', async () => {
    const stop = new AbortController();
    const response = await fetch(`${server.server.url}${my.path}/events`, {
      headers: { authorization: `Bearer ${my.token}`, accept: 'text/event-stream' },
      signal: stop.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await my.request();
    let text = '';
    while (!text.includes('event: DiskRequested\n') && reader) text += (await reader.read()).value ?? '';
    expect(parse(text).map(({ event }) => event)).toEqual(['OperationRequested', 'DiskRequested']);
    stop.abort();
  });

  it('are streamed from a place in the log, and refuse what is of pages', async () => {
    const first = await my.call('GET', `${my.path}/events?limit=1`);
    const { cursor, asOf } = { cursor: String(first.body['nextCursor']), asOf: '2020-01-01T00:00:00Z' };
    const streamed = (query: string) =>
      my.call('GET', `${my.path}/events?${query}`, undefined, { accept: 'text/event-stream' });
    const pointers = async (query: string) => {
      const { status, body } = await streamed(query);
      return [status, ...(body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)];
    };
    expect(await pointers(`asOf=${asOf}`)).toEqual([400, '/query/asOf']);
    expect(await pointers(`cursor=${cursor}`)).toEqual([400, '/query/cursor']);
  });
});

describe('the whole log', () => {
  it('is shown to those who may see everything', async () => {
    const refused = await my.call('GET', '/v1/events');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ missing: { role: 'auditor', projectId: null } });
    const page = await my.call('GET', '/v1/events?limit=2', undefined, {}, my.admin);
    expect((page.body['items'] as { position: number }[]).map(({ position }) => position)).toEqual([1, 2]);
    const from = await my.call('GET', '/v1/events?limit=1&from=2', undefined, {}, my.admin);
    expect(from.body['items']).toMatchObject([{ position: 3 }]);
    expect(codeOf(await my.call('GET', '/v1/events?from=another.2', undefined, {}, my.admin))).toBe('log-restored');
    for (const headers of [{}, { Accept: 'text/event-stream' }]) {
      const { body } = await my.call('GET', '/v1/events?from=999999', undefined, headers, my.admin);
      expect(body).toMatchObject({
        errors: [{ pointer: '/query/from', detail: 'must be a position that the log has reached' }],
      });
    }
  });
});
