import { isDeepStrictEqual } from 'node:util';
import { creationLeftInError, operationsView } from '@strata/operations';
import { until } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import { codeOf, type DiskProject, idOf, targetOf, wanted } from './contract/disk-project.js';
import { type DiskServer } from './contract/disk-server.js';
import { forEachDiskProject } from './contract/for-each-disk-project.js';
import { disksView } from './index.js';

let server: DiskServer;
let my: DiskProject;

forEachDiskProject((project, started) => {
  my = project;
  server = started;
});

const operation = async (id: string) => (await my.call('GET', `/v1/operations/${id}`)).body;
const cancel = (id: string) => my.call('POST', `/v1/operations/${id}/cancel`);
const retry = (id: string) => my.call('POST', `/v1/operations/${id}/retry`);
const partsOf = async (id: string) =>
  (await my.listed(`/v1/operations?partOf=${id}&sort=createdAt`)).map((part) => String(part['id']));
const charged = async () => {
  const figures = await server.server.ledger.path(my.projectId as never);
  const own = figures.filter(({ node, dimension }) => node === my.projectId && dimension === 'disks');
  return own.map(({ held, used, releasing }) => ({ held, used, releasing }));
};

describe('waiting for the end', () => {
  const waitFor = { prefer: 'wait=10' };

  it('is answered with the operation as it ended', async () => {
    const answer = my.request({}, waitFor);
    let operationId = '';
    await until('the disk is requested', async () => {
      [operationId = ''] = (await my.listed(`${my.path}/operations`)).map(({ id }) => String(id));
      return operationId !== '';
    });
    await server.provision(operationId, 'cloud-1');
    const reply = await answer;
    expect(reply.status).toBe(200);
    expect(reply.headers.get('preference-applied')).toBe('wait=10');
    expect(reply.body).toMatchObject({ id: operationId, status: 'succeeded', progress: { percent: 100 } });
  });

  it('is answered 200 also when it failed, and 202 when it did not end in time', async () => {
    const late = await my.request({}, { prefer: 'wait=1' });
    expect(late.status).toBe(202);
    expect(late.headers.get('preference-applied')).toBe('wait=1');
    const key = { 'idempotency-key': newId() };
    const first = await my.request({ name: 'other' }, key);
    await server.fail(idOf(first));
    const reply = await my.request({ name: 'other' }, { ...key, ...waitFor });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud', retryable: true } });
  });
});

describe('a repeated request', () => {
  const repeated = async (headers: Readonly<Record<string, string>>) => {
    const reply = await my.request({ name: 'again' }, headers);
    expect(reply.headers.get('idempotency-replayed')).toBe('true');
    return reply;
  };
  /** The first answer, which waited for the end of the operation and saw it. */
  const waited = async (key: Readonly<Record<string, string>>) => {
    const answer = my.request({ name: 'again' }, { ...key, prefer: 'wait=10' });
    let operationId = '';
    await until('the disk is requested', async () => {
      [operationId = ''] = (await my.listed(`${my.path}/operations`)).map(({ id }) => String(id));
      return operationId !== '';
    });
    await server.provision(operationId, 'cloud-1');
    return answer;
  };

  it('is answered 200 as the first one when that waited and saw the end, and asks for no wait itself', async () => {
    const key = { 'idempotency-key': newId() };
    const first = await waited(key);
    const replay = await repeated(key);
    expect([first, replay].map(({ status }) => status)).toEqual([200, 200]);
    expect(replay.body).toEqual(first.body);
    expect(replay.headers.get('location')).toBe(first.headers.get('location'));
    expect(replay.headers.get('preference-applied')).toBeNull();
  });

  it('is answered so whatever the clock of the api says', async () => {
    const key = { 'idempotency-key': newId() };
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    try {
      expect((await waited(key)).status).toBe(200);
      vi.setSystemTime(Date.now() + 7_200_000);
      const late = { 'idempotency-key': newId() };
      const first = await my.request({ name: 'again' }, { ...late, prefer: 'wait=1' });
      await server.provision(idOf(first), 'cloud-2');
      expect([(await repeated(key)).status, first.status, (await repeated(late)).status]).toEqual([200, 202, 202]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is answered 202 as the first one when that waited in vain, also once the operation has ended', async () => {
    const key = { 'idempotency-key': newId() };
    const first = await my.request({ name: 'again' }, { ...key, prefer: 'wait=1' });
    await server.provision(idOf(first), 'cloud-1');
    const replay = await repeated(key);
    expect([first, replay].map(({ status }) => status)).toEqual([202, 202]);
    expect(replay.body).toMatchObject({ status: 'succeeded' });
  });

  it('that waits is answered by its own wait', async () => {
    const key = { 'idempotency-key': newId() };
    const first = await my.request({ name: 'again' }, key);
    await server.provision(idOf(first), 'cloud-1');
    expect((await repeated(key)).status).toBe(202);
    const replay = await repeated({ ...key, prefer: 'wait=10' });
    expect(replay.status).toBe(200);
    expect(replay.headers.get('preference-applied')).toBe('wait=10');
  });
});

describe('an operation', () => {
  it('tells its steps, from the request to the end', async () => {
    const reply = await my.request();
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
    expect(await my.listed(`${my.path}/operations`)).toEqual([ended]);
  });

  it('that is suspected to be stuck says so, and when it will end no more', async () => {
    const id = idOf(await my.request());
    await server.accept(id);
    await server.report(id, { type: 'SuspectStuck', data: { afterMs: 900_000, sample: null } });
    server.waits.of.set(id, 'cloud');
    expect(await operation(id)).toMatchObject({
      status: 'running',
      waitingFor: 'cloud',
      progress: { percent: 95, phase: 'stuck-suspected', eta: null },
    });
  });

  it('is expected to end when others of its kind did', async () => {
    for (let index = 0; index < 3; index++) await server.provision(idOf(await my.request()), `cloud-${newId()}`);
    await my.listed(`${my.path}/operations`);
    const id = idOf(await my.request());
    await server.accept(id);
    // The others took no time to speak of, so that this one is late soon.
    await until('it is later than the others were', async () => {
      const { progress } = await operation(id);
      return isDeepStrictEqual(progress, { percent: 95, phase: 'cloud-working', eta: null });
    });
  });

  it('is 404 for strangers, and shown as it was', async () => {
    const reply = await my.request();
    await server.provision(idOf(reply), 'cloud-1');
    const path = `/v1/operations/${idOf(reply)}`;
    expect((await my.call('GET', path, undefined, {}, my.stranger)).status).toBe(404);
    expect((await my.call('POST', `${path}/cancel`, undefined, {}, my.stranger)).status).toBe(404);
    expect((await my.call('GET', `${path}/events`, undefined, {}, my.stranger)).status).toBe(404);
    const then = reply.headers.get('strata-position') ?? '';
    expect((await my.call('GET', `${path}?asOf=${then}`)).body).toMatchObject({ status: 'queued', endedAt: null });
    expect(await my.listed(`${my.path}/operations?asOf=${then}`)).toMatchObject([{ status: 'queued' }]);
  });

  it('is found by what it works on, by kind and by status', async () => {
    const reply = await my.request();
    await server.provision(idOf(reply), 'cloud-1');
    const refresh = await my.call('POST', `${my.path}/disks/${targetOf(reply)}/refresh`);
    const ids = async (query: string) => (await my.listed(`/v1/operations?${query}`)).map(({ id }) => id);
    expect(await ids(`target.id=${targetOf(reply)}`)).toEqual([idOf(refresh), idOf(reply)]);
    expect(await ids(`target.id=${targetOf(reply)}&status=succeeded`)).toEqual([idOf(reply)]);
    expect(await ids(`projectId=${my.projectId}&kind=disk.refresh`)).toEqual([idOf(refresh)]);
    expect(await ids(`id=${idOf(reply)}`)).toEqual([idOf(reply)]);
    const { actor } = refresh.body as { actor: { id: string } };
    expect(await ids(`actor.id=${actor.id}&target.type=disk`)).toEqual([idOf(refresh), idOf(reply)]);
    expect(await ids(`actor.id=${actor.id}&target.type=disks`)).toEqual([]);
    expect(await ids(`projectId=${my.projectId}&actor.id=${newId()}`)).toEqual([]);
  });
});

describe('cancelling', () => {
  it('ends at once what was not begun, and frees what was held', async () => {
    const reply = await my.request();
    const cancelled = await cancel(idOf(reply));
    expect(cancelled.status).toBe(202);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', cancelability: 'no', startedAt: null });
    expect(await charged()).toEqual([{ held: 0, used: 0, releasing: 0 }]);
    const { body } = await my.call('GET', `${my.path}/disks/${targetOf(reply)}`);
    expect(body).toMatchObject({ status: 'error', cloud: null, allowedActions: ['delete'] });
    expect(codeOf(await cancel(idOf(reply)))).toBe('not-cancellable');
  });

  it('waits for the next safe point of what is under way', async () => {
    const id = idOf(await my.request());
    const sent = { attempt: 1, marker: `${id}.1`, sendWithinMs: 10_000, provenUnsent: false };
    await server.report(id, { type: 'IntendSend', ...sent });
    expect((await cancel(id)).body).toMatchObject({ status: 'running' });
    expect((await cancel(id)).status).toBe(202);
    await server.report(id, { type: 'PresumeAbsent', data: { attempt: 1, emptyLooks: 3 } });
    await server.end(id, { end: 'cancelled' });
    expect(await operation(id)).toMatchObject({ status: 'cancelled', steps: [{ name: 'send', status: 'failed' }] });
  });

  it('is refused once the cloud has it', async () => {
    const id = idOf(await my.request());
    await server.accept(id);
    const refused = await cancel(id);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ type: '/problems/not-cancellable', reason: expect.stringContaining('cloud') });
  });

  it('ends every part of a batch that can be cancelled', async () => {
    const batch = idOf(await my.request({ count: 3 }));
    const [first = ''] = await partsOf(batch);
    await server.accept(first);
    expect((await cancel(batch)).body).toMatchObject({ status: 'queued' });
    expect((await my.listed(`/v1/operations?partOf=${batch}`)).map(({ status }) => status).sort()).toEqual([
      'cancelled',
      'cancelled',
      'running',
    ]);
    expect(await charged()).toEqual([{ held: 1, used: 0, releasing: 0 }]);
    await server.end(first, { end: 'succeeded', outcome: { cloudId: 'cloud-of-the-first' } });
    await server.gather(batch);
    expect(await operation(batch)).toMatchObject({
      status: 'failed',
      error: { code: 'partial-failure', title: '2 of 3 parts were cancelled', retryable: true },
    });
  });

  it('ends a batch with its parts when none was begun', async () => {
    const batch = idOf(await my.request({ count: 2 }));
    const { target, ...ended } = (await cancel(batch)).body;
    const { ids } = target as { ids: readonly string[] };
    expect(ids).toHaveLength(2);
    const disks = ids.map((diskId) => ({ diskId, status: 'cancelled', error: null }));
    expect(ended).toMatchObject({ status: 'cancelled', result: { disks } });
    expect(await charged()).toEqual([{ held: 0, used: 0, releasing: 0 }]);
  });

  it('is refused when the cloud has every part', async () => {
    const batch = idOf(await my.request({ count: 2 }));
    expect(await operation(batch)).toMatchObject({ cancelability: 'at-next-safe-point' });
    for (const part of await partsOf(batch)) await server.accept(part);
    expect(await operation(batch)).toMatchObject({ cancelability: 'no' });
    expect(codeOf(await cancel(batch))).toBe('not-cancellable');
  });

  it('needs the right to', async () => {
    const id = idOf(await my.request());
    const viewer = await my.newToken('viewer');
    expect((await my.call('POST', `/v1/operations/${id}/cancel`, undefined, {}, viewer.token)).status).toBe(403);
  });
});

describe('trying again', () => {
  it('is a new operation, once', async () => {
    const reply = await my.request();
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
    const { body } = await my.call('GET', `${my.path}/disks/${targetOf(reply)}`);
    expect(body).toMatchObject({ status: 'available' });
  });

  it('is refused for what did not fail, and where the disk refuses', async () => {
    const reply = await my.request();
    expect(codeOf(await retry(idOf(reply)))).toBe('not-retryable');
    await server.fail(idOf(reply));
    await my.call('DELETE', `${my.path}/disks/${targetOf(reply)}`);
    const gone = await retry(idOf(reply));
    expect(gone.body).toMatchObject({
      type: '/problems/not-retryable',
      reason: 'nothing of what failed is there any more',
    });
  });

  it('passes the bounds of today again', async () => {
    const reply = await my.request();
    await server.fail(idOf(reply));
    await my.setLimits([{ dimension: 'per_disk_gigabytes', limit: wanted.sizeGiB / 2 }]);
    expect(codeOf(await retry(idOf(reply)))).toBe('quota-exceeded');
    expect(await operation(idOf(reply))).toMatchObject({ retriedBy: null });
  });

  it('takes of a batch what failed or was cancelled', async () => {
    const batch = idOf(await my.request({ count: 3 }));
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
    const parts = await my.listed(`/v1/operations?partOf=${idOf(again)}`);
    expect(parts.map(({ retryOf }) => retryOf).sort()).toEqual([second, third].sort());
    expect(await charged()).toEqual([{ held: 2, used: 1, releasing: 0 }]);
  });
});

describe('what the cloud left in error', () => {
  it('is not tried again: neither by itself, nor with the batch that it belongs to', async () => {
    const error = creationLeftInError({ code: 'EVS.2024', message: 'no host', requestId: null });
    const leave = async (id: string) => {
      await server.accept(id);
      await server.end(id, { end: 'failed', error, left: { cloudId: `cloud-${id}` } });
    };
    const one = idOf(await my.request());
    await leave(one);
    expect((await retry(one)).body).toMatchObject({
      type: '/problems/not-retryable',
      reason: 'trying again cannot help: Delete what was left in error, then ask for it anew',
    });
    const batch = idOf(await my.request({ count: 2 }));
    const [left = '', failed = ''] = await partsOf(batch);
    await leave(left);
    await server.fail(failed);
    await server.gather(batch);
    expect(await operation(batch)).toMatchObject({ error: { code: 'partial-failure', retryable: true } });
    const again = await retry(batch);
    const parts = await my.listed(`/v1/operations?partOf=${idOf(again)}`);
    expect(parts).toMatchObject([{ retryOf: failed }]);
  });
});

describe('the views of disks and operations', () => {
  it('come out the same from the whole log, row for row, as of every position', async () => {
    for (const view of [disksView, operationsView]) {
      await my.listed('/v1/disks');
      await my.listed('/v1/operations');
      const { differences } = await server.server.rebuild(view);
      expect(differences).toMatchObject({ different: 0, first: [] });
      expect(differences.compared).toBeGreaterThan(0);
    }
  });
});
