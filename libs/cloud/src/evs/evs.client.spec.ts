import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { scriptedPassword, startScriptedCloud, tokenFor, type Script } from '../contract/scripted-cloud.js';
import type { ReceivedRequest } from '../contract/scripted-server.js';
import { CloudSilent, type WriteOptions } from '../disk-cloud.js';
import type { EvsOptions } from './evs.client.js';
import { EvsDiskCloud } from './evs-disk-cloud.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const start = async (script: Script, options: Partial<EvsOptions> = {}) => {
  const scripted = await startScriptedCloud(script);
  const cloud = new EvsDiskCloud(scripted.access, { retryPauseMs: 1, ...options });
  ends.push(() => cloud.close(), scripted.close);
  return { scripted, cloud };
};
const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const zones = { status: 200, body: { availabilityZoneInfo: [] } };
const expired = { status: 400, body: { error: { code: 'Common.0013', message: 'synthetic' } } };

describe('a read', () => {
  it.each([
    ['a broken connection', 'cut' as const],
    ['a bad gateway', { status: 502 }],
    ['an internal error', { status: 500, body: { error: { code: 'EVS.2002', message: 'synthetic' } } }],
  ])('is repeated once after %s', async (_, first) => {
    const { cloud, scripted } = await start({ call: (__, nth) => (nth === 1 ? first : zones) });
    expect(await cloud.availabilityZones()).toEqual([]);
    expect(scripted.calls()).toHaveLength(2);
  });

  it('that is not answered twice is silent', async () => {
    const { cloud, scripted } = await start({ call: () => ({ status: 504 }) });
    await expect(cloud.availabilityZones()).rejects.toMatchObject({ why: 'unavailable', fault: { code: 'HTTP 504' } });
    expect(scripted.calls()).toHaveLength(2);
  });

  it('is not repeated when the cloud throttles', async () => {
    const { cloud, scripted } = await start({ call: () => ({ status: 429, headers: { 'Retry-After': '3' } }) });
    await expect(cloud.availabilityZones()).rejects.toMatchObject({ why: 'throttled', retryAfterMs: 3_000 });
    expect(scripted.calls()).toHaveLength(1);
  });

  it('ends in time although the cloud never answers', async () => {
    const short = { readTimeoutMs: 50, readDeadlineMs: 200 };
    const { cloud } = await start({ call: (_, nth) => (nth === 1 ? { status: 202 } : 'silence') }, short);
    // Logged in and connected: a read leaves at once, however short its time is.
    await cloud.deleteDisk('v', now);
    await expect(cloud.availabilityZones()).rejects.toMatchObject({ name: 'CloudSilent', fault: { code: 'timeout' } });
  });

  it('ends in time although the login is never answered', async () => {
    const { cloud, scripted } = await start({ login: () => 'silence' }, { readDeadlineMs: 50, loginTimeoutMs: 500 });
    await expect(cloud.availabilityZones()).rejects.toMatchObject({ fault: { code: 'login-timeout' } });
    expect(scripted.calls()).toHaveLength(0);
  });

  it('takes an answer that it cannot read for none', async () => {
    const { cloud } = await start({ call: () => ({ status: 200, body: '<html>maintenance</html>' }) });
    await expect(cloud.findDisk('v')).rejects.toMatchObject({ fault: { code: 'unreadable-answer' } });
    await expect(cloud.quota()).rejects.toBeInstanceOf(CloudSilent);
  });

  it.each([
    ['with a page', { status: 404, body: '<h1>no route</h1>' }],
    ['without a body', { status: 404 }],
  ])('does not take a stranger’s 404 %s for the absence of a disk', async (_, answer) => {
    const { cloud } = await start({ call: () => answer });
    await expect(cloud.findDisk('v')).rejects.toBeInstanceOf(CloudSilent);
  });
});

describe('a token that the cloud does not take any more', () => {
  it.each([
    ['Common.0013', expired],
    ['EVS.0002', { status: 400, body: { error: { code: 'EVS.0002', message: 'synthetic' } } }],
    ['APIG.0307', { status: 401, body: { error_code: 'APIG.0307', error_msg: 'synthetic' } }],
    ['a bare 401', { status: 401 }],
  ])('is replaced on %s, and the call made again', async (_, rejection) => {
    const { cloud, scripted } = await start({ call: (__, nth) => (nth === 2 ? rejection : zones) });
    await cloud.availabilityZones();
    expect(await cloud.availabilityZones()).toEqual([]);
    expect(scripted.calls().map(({ headers }) => headers['x-auth-token'])).toEqual(['token-1', 'token-1', 'token-2']);
    expect(scripted.logins()).toBe(2);
  });

  it('does not make a write leave twice when permission ended meanwhile', async () => {
    const { cloud, scripted } = await start({ call: (_, nth) => (nth === 2 ? expired : zones) });
    await cloud.availabilityZones();
    let asked = 0;
    const mayStillSend = () => ++asked === 1;
    expect(await cloud.deleteDisk('v', { ...now, mayStillSend })).toMatchObject({
      outcome: 'not-now',
      why: 'unavailable',
    });
    expect({ asked, calls: scripted.calls().length }).toEqual({ asked: 2, calls: 2 });
  });

  it('stops the calls, not only the logins, when no new one is taken either', async () => {
    const { cloud, scripted } = await start({ call: () => expired });
    for (let call = 0; call < 5; call += 1) {
      expect(await cloud.deleteDisk('v', now)).toMatchObject({ outcome: 'not-now', fault: { code: 'Common.0013' } });
      await expect(cloud.availabilityZones()).rejects.toMatchObject({ why: 'unauthenticated' });
    }
    expect({ logins: scripted.logins(), calls: scripted.calls().length }).toEqual({ logins: 1, calls: 1 });
  });
});

describe('a service beside the one of disks', () => {
  const disk = { status: 200, body: { volume: { id: 'v', status: 'available', size: 10 } } };
  const images = { status: 200, body: { images: [] } };
  const noToken = { status: 401, body: { error: { code: 'IMG.0087', message: 'synthetic' } } };
  const isOfDisks = ({ path }: ReceivedRequest) => path.startsWith('/v');
  const tokensOf = (requests: readonly ReceivedRequest[]) => requests.map(({ headers }) => headers['x-auth-token']);

  const startWithAll = async (call: Required<Script>['call']) => {
    const scripted = await startScriptedCloud({ call });
    const clock = { nowMs: 0 };
    const endpoints = { ...scripted.access.endpoints, ims: `${scripted.url}/ims`, ecs: `${scripted.url}/ecs` };
    const cloud = new EvsDiskCloud({ ...scripted.access, endpoints }, { retryPauseMs: 1, nowMs: () => clock.nowMs });
    ends.push(() => cloud.close(), scripted.close);
    return { scripted, cloud, clock };
  };

  it('that takes no token stops neither disks nor logins, and is itself left alone for a while', async () => {
    const { cloud, scripted, clock } = await startWithAll((request) => (isOfDisks(request) ? disk : noToken));
    const asked = () => scripted.calls().filter((request) => !isOfDisks(request)).length;
    for (const [minutes, calls] of [
      [0, 2],
      [1, 3],
      [2, 3],
      [3, 4],
      [7, 5],
    ] as const) {
      clock.nowMs = minutes * 60_000;
      expect(await cloud.findDisk('v')).toMatchObject({ cloudId: 'v' });
      for (let time = 0; time < 3; time += 1)
        await expect(cloud.images()).rejects.toMatchObject({ why: 'unauthenticated', fault: { code: 'IMG.0087' } });
      expect(await cloud.findDisk('v')).toMatchObject({ cloudId: 'v' });
      // Whether the token had ended is found out by one login, and not again.
      expect({ minutes, calls: asked(), logins: scripted.logins() }).toEqual({ minutes, calls, logins: 2 });
    }
  });

  it('stops no third one either, and takes a write again once it takes the token', async () => {
    let takesNone = true;
    const { cloud, clock } = await startWithAll(({ path }) => {
      if (path.startsWith('/ims')) return images;
      if (path.startsWith('/ecs')) return takesNone ? noToken : { status: 200, body: { job_id: 'j' } };
      return disk;
    });
    await cloud.findDisk('v');
    const attached = () => cloud.attachDisk('v', 's', null, now);
    expect(await attached()).toMatchObject({ outcome: 'not-now', why: 'unavailable', fault: { code: 'IMG.0087' } });
    takesNone = false;
    expect(await attached()).toMatchObject({ outcome: 'not-now', why: 'unavailable', retryAfterMs: 60_000 });
    expect(await cloud.images()).toMatchObject({ offered: true });
    clock.nowMs = 60_000;
    expect(await attached()).toMatchObject({ outcome: 'accepted' });
  });

  it.each([
    ['for the first time', false],
    ['as ever', true],
  ])('that is asked %s with a token that has ended has it renewed for all', async (_, askedBefore) => {
    let ended = false;
    const { cloud, scripted } = await startWithAll((request) => {
      if (ended && request.headers['x-auth-token'] === 'token-1') return noToken;
      return isOfDisks(request) ? disk : images;
    });
    await cloud.findDisk('v');
    if (askedBefore) await cloud.images();
    ended = true;
    const before = scripted.calls().length;
    const answers = await Promise.all(Array.from({ length: 5 }, () => cloud.images()));
    expect(answers).toEqual(Array(5).fill({ offered: true, images: [] }));
    expect(await cloud.findDisk('v')).toMatchObject({ cloudId: 'v' });
    expect(scripted.logins()).toBe(2);
    expect(tokensOf(scripted.calls().slice(before)).toSorted()).toEqual([
      ...Array(5).fill('token-1'),
      ...Array(6).fill('token-2'),
    ]);
  });
});

describe('a write', () => {
  it.each([
    [{ status: 429 }, { outcome: 'not-now', why: 'throttled', retryAfterMs: null }],
    [{ status: 502 }, { outcome: 'unknown' }],
    [{ status: 503 }, { outcome: 'unknown' }],
    [{ status: 504 }, { outcome: 'unknown' }],
    [{ status: 500, body: { error: { code: 'EVS.2001', message: 'x' } } }, { outcome: 'unknown' }],
    [
      { status: 500, body: { error: { code: 'EVS.2010', message: 'x' } } },
      { outcome: 'not-now', why: 'unavailable' },
    ],
    [
      { status: 400, body: { error: { code: 'EVS.1033', message: 'x' } } },
      { outcome: 'not-now', why: 'unavailable' },
    ],
    [
      { status: 404, headers: { 'X-Request-Id': 'req-1' } },
      { outcome: 'refused', reason: 'not-found' },
    ],
    // Of a load balancer that knows no such route, as far as we can tell: nothing says that the disk is gone.
    [{ status: 404 }, { outcome: 'unknown' }],
    ['cut' as const, { outcome: 'unknown' }],
  ])('answered with %j is never sent again', async (answer, expected) => {
    const { cloud, scripted } = await start({ call: () => answer });
    expect(await cloud.deleteDisk('v', now)).toMatchObject(expected);
    expect(scripted.calls()).toHaveLength(1);
  });

  it('is unknown when its time ends after it left', async () => {
    const { cloud } = await start({ call: (_, nth) => (nth === 1 ? zones : 'silence') });
    // Logged in and connected: a write leaves at once, however short its time is.
    await cloud.availabilityZones();
    expect(await cloud.deleteDisk('v', { ...now, timeoutMs: 100 })).toMatchObject({ outcome: 'unknown' });
  });

  it('is not sent at all without a token', async () => {
    const { cloud, scripted } = await start({
      login: () => ({ status: 401, body: { error_code: 'IAM.0062', error_msg: 'x' } }),
    });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await cloud.deleteDisk('v', now)).toMatchObject({ outcome: 'not-now', fault: { code: 'IAM.0062' } });
    }
    expect({ logins: scripted.logins(), calls: scripted.calls().length }).toEqual({ logins: 1, calls: 0 });
  });

  it('that names no job is unknown when it creates, and followed by its disk otherwise', async () => {
    const { cloud } = await start({ call: () => ({ status: 202 }) });
    const disk = {
      name: 'd',
      description: '',
      sizeGiB: 10,
      type: 'SSD',
      availabilityZone: 'z',
      tags: {},
      metadata: {},
    };
    const marker = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f.1';
    expect(await cloud.createDisk({ ...disk, marker }, now)).toMatchObject({ outcome: 'unknown' });
    expect(await cloud.extendDisk('v', 20, now)).toMatchObject({ outcome: 'accepted', jobId: null, cloudId: 'v' });
  });
});

describe('a secret', () => {
  const echo: Script = {
    login: (nth) => tokenFor(nth),
    call: ({ headers }) => ({
      status: 400,
      headers: { 'X-Request-Id': String(headers['x-auth-token']) },
      body: { error: { code: 'EVS.1009', message: `you sent ${headers['x-auth-token']} and ${scriptedPassword}` } },
    }),
  };

  it('stands in nothing that the adapter hands out, although the cloud echoes it', async () => {
    const { cloud, scripted } = await start(echo);
    const silence: unknown = await cloud.quota().catch((error: unknown) => error);
    const all = [
      silence,
      await cloud.deleteDisk('v', now),
      await cloud.check(),
      cloud,
      await cloud.findDisk('v').catch(String),
    ];
    const shown = all.map((one) => inspect(one, { depth: 20, showHidden: true }) + JSON.stringify(one) + String(one));
    shown.push(silence instanceof Error ? `${silence.stack}${inspect(silence.cause)}` : '');
    expect(scripted.logins()).toBe(1);
    expect(shown.join('\n')).not.toMatch(/token-\d|correct-horse-battery/);
  });

  it('is not shown while requests are under way', async () => {
    const { cloud, scripted } = await start({ call: () => 'silence' });
    const underWay = cloud.quota().catch(() => undefined);
    await expect.poll(() => scripted.calls().length).toBe(1);
    expect(inspect(cloud, { depth: 20, showHidden: true })).not.toMatch(/token-\d|correct-horse-battery/);
    await cloud.close();
    await underWay;
  });
});
