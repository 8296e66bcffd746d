import { codeOf, DiskProject, idOf, targetOf, type DiskServer, type Item } from '@strata/disks/contract';
import { everything } from '@strata/event-store';
import { cloudFailed, cloudRefusal, notBegun, type OperationResource } from '@strata/operations';
import type { Reply } from '@strata/projects/contract';
import { until } from '@strata/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSnapshotServer } from './contract/snapshot-server.js';

let server: DiskServer;
let my: DiskProject;
let diskPath: string;
let snapshots: readonly string[];

beforeAll(async () => {
  server = await startSnapshotServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
  diskPath = await my.provisioned();
  snapshots = [await taken('s1'), await taken('s2')];
});

type Step = OperationResource['steps'][number];

const lastOf = (path: string) => path.split('/').at(-1) ?? '';
const taken = async (name: string) => {
  const reply = await my.call('POST', `${my.path}/snapshots`, { diskId: lastOf(diskPath), name });
  await server.provision(idOf(reply), `cloud-${targetOf(reply)}`);
  return targetOf(reply);
};
const remove = (query = 'cascade=true') => my.call('DELETE', `${diskPath}?${query}`);
const stepsIn = (operation: Item) => operation['steps'] as readonly Step[];
const stepsOf = async (operationId: string, query = '') =>
  stepsIn(await my.show(`/v1/operations/${operationId}${query}`));
const told = (steps: readonly Step[]) => steps.map(({ name, status }) => `${name} ${status}`);
const partsOf = (steps: readonly Step[]): readonly string[] => steps.map(({ operationId }) => operationId ?? '');
const carriedOut = async (partId: string) => {
  await server.accept(partId);
  await server.end(partId, { end: 'succeeded', outcome: {} });
};
const refusedThere = cloudFailed({ code: 'EVS.1002', message: 'try again later', requestId: null });
const fails = async (partId: string) => {
  await server.accept(partId);
  await server.end(partId, { end: 'failed', error: refusedThere, left: {} });
};
const isNotBegun = (partId: string) => server.end(partId, { end: 'failed', error: notBegun(), left: {} });
/** The operation that was accepted after a position of the log, then its parts. */
const requestedAfter = async (after: number): Promise<readonly string[]> => {
  let ids: readonly string[] = [];
  await until('it is requested', async () => {
    const events = await server.server.store.read({ sight: everything, after, limit: 500 });
    ids = events.filter(({ type }) => type === 'OperationRequested').map(({ data }) => String(data['operationId']));
    return ids.length > 0;
  });
  return ids;
};

/** A deletion with two snapshots of which the second could not be deleted. */
const halfWay = async (): Promise<{ readonly operationId: string; readonly parts: readonly string[] }> => {
  const reply = await remove();
  const parts = partsOf(stepsIn(reply.body));
  const [first = '', second = '', last = ''] = parts;
  await carriedOut(first);
  await fails(second);
  await isNotBegun(last);
  await server.gather(idOf(reply));
  return { operationId: idOf(reply), parts };
};

describe('the steps of the deletion of a disk with its snapshots', () => {
  it('are those of the plan: the same things, so called, in the same order', async () => {
    const { body } = await remove('cascade=true&validateOnly=true');
    const plan = body['plan'] as { readonly steps: readonly Omit<Step, 'target'>[]; readonly planHash: string };
    const reply = await remove(`cascade=true&planHash=${plan.planHash}`);
    const steps = stepsIn(reply.body);
    expect(plan.steps.map(({ name }) => name)).toEqual(['s1', 's2', 'db']);
    expect(steps.map(({ target }) => target)).toEqual(
      (plan.steps as unknown as readonly Item[]).map(({ type, id, name }) => ({ type, id, name })),
    );
    expect(steps.map(({ target }) => target?.id)).toEqual([...snapshots, lastOf(diskPath)]);
    expect(told(steps)).toEqual(['delete-snapshot pending', 'delete-snapshot pending', 'delete-disk pending']);
    for (const step of steps) expect(step).toMatchObject({ startedAt: null, endedAt: null, cloudRequestId: null });
  });

  it('tell which of them is being deleted, by itself and in lists', async () => {
    const reply = await remove();
    const [first = '', second = '', last = ''] = partsOf(stepsIn(reply.body));
    const seen: string[][] = [];
    const look = async () => {
      const steps = await stepsOf(idOf(reply));
      const [listed] = await my.listed(`${my.path}/operations?id=${idOf(reply)}`);
      expect(stepsIn(listed ?? {})).toEqual(steps);
      seen.push(steps.map(({ status }) => status));
      return steps;
    };
    await look();
    await server.accept(first);
    await server.gather(idOf(reply));
    const [going] = await look();
    expect(going).toEqual({
      name: 'delete-snapshot',
      target: { type: 'snapshot', id: snapshots[0], name: 's1' },
      operationId: first,
      status: 'running',
      startedAt: expect.stringMatching(/Z$/) as unknown,
      endedAt: null,
      cloudRequestId: 'request-1',
    });
    await server.end(first, { end: 'succeeded', outcome: {} });
    const [gone] = await look();
    expect(gone).toMatchObject({ startedAt: going?.startedAt, endedAt: expect.stringMatching(/Z$/) as unknown });
    await carriedOut(second);
    await server.accept(last);
    await look();
    await server.end(last, { end: 'succeeded', outcome: {} });
    await server.gather(idOf(reply));
    await look();
    expect(seen).toEqual([
      ['pending', 'pending', 'pending'],
      ['running', 'pending', 'pending'],
      ['succeeded', 'pending', 'pending'],
      ['succeeded', 'succeeded', 'running'],
      ['succeeded', 'succeeded', 'succeeded'],
    ]);
  });

  it('are at each position what they were then', async () => {
    const { operationId } = await halfWay();
    const { body } = await my.call('GET', `/v1/operations/${operationId}/events?limit=500`);
    const positions = (body['items'] as readonly { readonly position: number }[]).map(({ position }) => position);
    const history: string[] = [];
    for (const position of positions) {
      const steps = await stepsOf(operationId, `?asOf=${position}`);
      const page = await my.show(`${my.path}/operations?id=${operationId}&asOf=${position}`);
      const [listed = {}] = page['items'] as readonly Item[];
      expect(stepsIn(listed)).toEqual(steps);
      const statuses = steps.map(({ status }) => status).join(' ');
      if (history.at(-1) !== statuses) history.push(statuses);
    }
    expect(history).toEqual([
      'pending pending pending',
      'running pending pending',
      'succeeded pending pending',
      'succeeded running pending',
      'succeeded failed pending',
      'succeeded failed not-begun',
    ]);
  });

  it('tell where it stopped; a retry has those that are left, under their names', async () => {
    const { operationId } = await halfWay();
    const ended = await my.show(`/v1/operations/${operationId}`);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'partial-failure' } });
    expect(told(stepsIn(ended))).toEqual([
      'delete-snapshot succeeded',
      'delete-snapshot failed',
      'delete-disk not-begun',
    ]);
    expect(stepsIn(ended)[2]).toMatchObject({ startedAt: null, cloudRequestId: null });
    const again = await my.call('POST', `/v1/operations/${operationId}/retry`);
    expect(again).toMatchObject({ status: 202, body: { retryOf: operationId } });
    expect(stepsIn(again.body).map(({ target, status }) => ({ ...target, status }))).toEqual([
      { type: 'snapshot', id: snapshots[1], name: 's2', status: 'pending' },
      { type: 'disk', id: lastOf(diskPath), name: 'db', status: 'pending' },
    ]);
    for (const part of partsOf(stepsIn(again.body))) await carriedOut(part);
    await server.gather(idOf(again));
    expect(told(await stepsOf(idOf(again)))).toEqual(['delete-snapshot succeeded', 'delete-disk succeeded']);
    expect(told(await stepsOf(operationId))).toEqual(told(stepsIn(ended)));
    expect((await my.call('GET', diskPath)).status).toBe(404);
  });

  it('are not tried again where one of them cannot be: what goes after it would go in vain', async () => {
    const reply = await remove();
    const [first = '', ...rest] = partsOf(stepsIn(reply.body));
    await server.accept(first);
    const error = cloudRefusal('invalid', { code: 'EVS.2001', message: 'no', requestId: null });
    await server.end(first, { end: 'failed', error, left: {} });
    for (const part of rest) await isNotBegun(part);
    await server.gather(idOf(reply));
    const ended = await my.show(`/v1/operations/${idOf(reply)}`);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'partial-failure', retryable: false } });
    const again = await my.call('POST', `/v1/operations/${idOf(reply)}/retry`);
    expect([again.status, codeOf(again)]).toEqual([409, 'not-retryable']);
    for (const id of snapshots)
      expect(await my.show(`${my.path}/snapshots/${id}`)).toMatchObject({ status: 'available' });
    expect((await remove()).status).toBe(202);
  });

  it('are told to who asks for news of it only', async () => {
    const reply = await remove();
    const [first = ''] = partsOf(stepsIn(reply.body));
    const path = `/v1/operations/${idOf(reply)}`;
    await server.accept(first);
    await server.gather(idOf(reply));
    const etag = (await my.call('GET', path)).headers.get('etag') ?? '';
    const news = () => my.call('GET', path, undefined, { 'if-none-match': etag });
    expect(told(stepsIn((await news()).body))[0]).toBe('delete-snapshot running');
    await server.end(first, { end: 'succeeded', outcome: {} });
    expect(told(stepsIn((await news()).body))[0]).toBe('delete-snapshot succeeded');
    await my.call('POST', `${path}/cancel`);
    await server.gather(idOf(reply));
    const last = await my.call('GET', path);
    const unchanged = { 'if-none-match': last.headers.get('etag') ?? '' };
    expect((await my.call('GET', path, undefined, unchanged)).status).toBe(304);
  });

  it('tell what went on when the rest was cancelled', async () => {
    const reply = await remove();
    const [first = ''] = partsOf(stepsIn(reply.body));
    await server.accept(first);
    const cancelled = await my.call('POST', `/v1/operations/${idOf(reply)}/cancel`);
    const going = ['delete-snapshot running', 'delete-snapshot cancelled', 'delete-disk cancelled'];
    expect(told(stepsIn(cancelled.body))).toEqual(going);
    await server.end(first, { end: 'succeeded', outcome: {} });
    await server.gather(idOf(reply));
    expect(told(await stepsOf(idOf(reply)))).toEqual(['delete-snapshot succeeded', ...going.slice(1)]);
  });

  it('are shown by the answer that waited for the end', async () => {
    const { position: before } = await server.server.store.head();
    const waiting = my.call('DELETE', `${diskPath}?cascade=true`, undefined, { prefer: 'wait=20' });
    const parts = await requestedAfter(before);
    for (const part of parts.slice(1)) await carriedOut(part);
    await server.gather(parts[0] ?? '');
    const reply: Reply = await waiting;
    expect(reply).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    expect(told(stepsIn(reply.body))).toEqual([
      'delete-snapshot succeeded',
      'delete-snapshot succeeded',
      'delete-disk succeeded',
    ]);
  });
});
