import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, patience } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
});
afterAll(() => simulator.close());

interface State {
  readonly clock: { readonly now: string; readonly rate: number };
  readonly projects: readonly {
    readonly id: string;
    readonly quota: Record<string, { in_use: number }>;
    readonly disks: readonly {
      readonly name: string;
      readonly status: string;
      readonly tags: Record<string, string>;
    }[];
    readonly jobs: readonly { readonly status: string; readonly type: string }[];
  }[];
}
const state = async () => (await cloud.switch<State>('GET', '/state')).body;

describe('the simulator', () => {
  it('is healthy, and listens on the loopback only', async () => {
    expect(simulator.url).toBe(`http://127.0.0.1:${simulator.port}`);
    expect((await cloud.switch('GET', '/health')).status).toBe(200);
  });

  it('shows all that it knows, but no token', async () => {
    await cloud.disk({ name: 'seen', tags: { k: 'v' }, metadata: { m: '1' } });
    const shown = await state();
    expect(shown.projects).toHaveLength(1);
    expect(shown.projects[0]?.disks).toMatchObject([
      { name: 'seen', status: 'available', tags: { k: 'v' }, metadata: { m: '1' } },
    ]);
    expect(shown.projects[0]?.jobs).toMatchObject([{ type: 'createVolume', status: 'SUCCESS' }]);
    expect(shown.projects[0]?.quota['volumes']?.in_use).toBe(1);
    expect(JSON.stringify(shown)).not.toContain(cloud.token);
  });

  it('counts calls by kind and status', async () => {
    await cloud.switch('DELETE', '/requests');
    await cloud.create();
    await cloud.create({ size: 1 });
    await cloud.request('GET', '/nowhere');
    expect((await cloud.switch('GET', '/requests')).body).toEqual({
      total: 3,
      calls: {
        'disks.create': { total: 2, byStatus: { '200': 1, '400': 1 } },
        unknown: { total: 1, byStatus: { '404': 1 } },
      },
    });
  });

  it('begins anew after a reset', async () => {
    await cloud.create();
    await cloud.advance(1_000_000);
    await cloud.faults({ kind: 'throttle' });
    await cloud.switch('POST', '/reset');
    expect((await state()).projects[0]?.disks).toEqual([]);
    expect(Math.abs(Date.parse((await state()).clock.now) - Date.now())).toBeLessThan(60_000);
    expect((await cloud.evs('GET', '/types')).status).toBe(401);
    expect((await (await enter(simulator)).evs('GET', '/types')).status).toBe(200);
  });
});

describe('the clock', () => {
  it('can be advanced, set and stopped, but not turned back', async () => {
    await cloud.freeze();
    const start = Date.parse((await state()).clock.now);
    await cloud.advance(5_000);
    expect(Date.parse((await state()).clock.now)).toBe(start + 5_000);
    const later = new Date(start + 60_000).toISOString();
    expect((await cloud.switch('POST', '/clock', { now: later })).body).toEqual({ now: later, rate: 0 });
    const back = await cloud.switch('POST', '/clock', { now: new Date(start).toISOString() });
    expect(back).toMatchObject({ status: 400, body: { error: expect.stringContaining('forward') as string } });
  });

  it('can run faster than the world', async () => {
    await cloud.switch('POST', '/latency', { jobMs: 3_600_000 });
    const { body } = await cloud.create();
    await cloud.switch('POST', '/clock', { rate: 10_000 });
    await expect.poll(async () => (await cloud.job(body.job_id)).body.status, patience).toBe('SUCCESS');
  });
});

describe('a cloud project', () => {
  it('is made with its quota, and its quota changed', async () => {
    const id = 'ef'.repeat(16);
    expect((await cloud.switch('PUT', `/projects/${id}`, { name: 'eu-de_new', quota: { volumes: 3 } })).body).toEqual({
      id,
      name: 'eu-de_new',
      quota: { volumes: 3 },
    });
    const inside = await enter(simulator, id);
    await cloud.switch('PUT', `/projects/${id}`, { quota: { gigabytes: 10 } });
    expect(await inside.quota('volumes')).toMatchObject({ limit: 3 });
    expect((await inside.create({ size: 11 })).body).toMatchObject({ error: { code: 'EVS.1042' } });
  });
});

describe('a disk changed behind everybody’s back', () => {
  it('shows the change everywhere', async () => {
    const id = await cloud.disk({ name: 'before' });
    await cloud.switch('POST', `/disks/${id}`, { name: 'after', size: 70, status: 'error', tags: { k: 'v' } });
    expect(await cloud.volume(id)).toMatchObject({ name: 'after', size: 70, status: 'error', tags: { k: 'v' } });
    expect((await cloud.list('?name=after')).count).toBe(1);
    expect(await cloud.quota('gigabytes')).toMatchObject({ in_use: 70 });
  });

  it('can be gone, at once and without a job', async () => {
    const id = await cloud.disk();
    await cloud.switch('POST', `/disks/${id}`, { delete: true });
    expect((await cloud.evs('GET', `/os-vendor-volumes/${id}`)).status).toBe(404);
    expect((await cloud.switch('POST', `/disks/${id}`, { delete: true })).status).toBe(404);
    expect(await cloud.quota('volumes')).toMatchObject({ in_use: 0 });
  });
});

describe('a switch', () => {
  it.each([
    ['POST', '/clock', {}, 'needed'],
    ['POST', '/clock', { now: 'soon' }, 'now'],
    ['POST', '/clock', { advanceMs: -1 }, 'advanceMs'],
    ['POST', '/clock', { advance: 1 }, 'advance'],
    ['POST', '/clock', { advanceMs: Number.MAX_SAFE_INTEGER }, '2200'],
    ['POST', '/clock', { now: '9999-01-01T00:00:00Z' }, '2200'],
    ['POST', '/latency', { jobMs: 'long' }, 'jobMs'],
    ['POST', '/faults', {}, 'faults'],
    ['POST', '/faults', { faults: [{ kind: 'earthquake' }] }, 'kind'],
    ['POST', '/faults', { faults: [{ kind: 'stale-list' }] }, 'seconds'],
    ['POST', '/faults', { faults: [{ kind: 'throttle', probability: 2 }] }, 'probability'],
    ['POST', '/faults', { faults: [{ kind: 'throttle', match: { name: '(' } }] }, 'regular expression'],
    ['POST', '/faults', { faults: [{ kind: 'throttle', match: { operation: 'disk.create' } }] }, 'disk.create'],
    ['PUT', '/projects/short', {}, '32'],
    ['PUT', `/projects/${'ef'.repeat(16)}`, { quota: { volumes: -2 } }, 'volumes'],
    ['PUT', `/projects/${'ef'.repeat(16)}`, { quota: { floppies: 1 } }, 'floppies'],
    ['PUT', '/zones/mars', { available: true }, 'mars'],
    ['PUT', '/zones/eu-de-01', {}, 'available'],
  ])('says what is wrong: %s %s %j', async (method, path, body, what) => {
    const refused = await cloud.switch<{ error: string }>(method, path, body);
    expect(refused.status).toBe(400);
    expect(refused.body.error).toContain(what);
  });

  it('says what is wrong with a body that is no JSON', async () => {
    const response = await fetch(`${simulator.url}/_simulator/clock`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'the body is not JSON' });
  });

  it('says what is wrong with a disk that cannot be so', async () => {
    const id = await cloud.disk();
    for (const body of [{}, { status: 'asleep' }, { size: 0 }, { colour: 'red' }, { delete: true, size: 20 }]) {
      expect((await cloud.switch('POST', `/disks/${id}`, body)).status).toBe(400);
    }
  });
});
