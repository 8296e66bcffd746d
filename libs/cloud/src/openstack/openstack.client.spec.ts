import { afterEach, describe, expect, it } from 'vitest';
import { scriptedPassword, tokenFor, type Script } from '../contract/scripted-cloud.js';
import { startScriptedOpenstack } from '../contract/scripted-openstack.js';
import type { WriteOptions } from '../disk-cloud.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
const start = async (...given: Parameters<typeof startScriptedOpenstack>) => {
  const started = await startScriptedOpenstack(...given);
  ends.push(started.close);
  return started;
};

const now: WriteOptions = { timeoutMs: 5_000, mayStillSend: () => true };
const project = '3f8a1c27d94e4b60a5127c9e0b6d1f42';
const zones = { status: 200, body: { availabilityZoneInfo: [] } };
const unauthorised = { status: 401, body: { error: { code: 401, title: 'Unauthorized', message: 'synthetic' } } };

/** A login with a catalogue, made once the address of the server is known. */
const loginWith = (catalog: () => object): Required<Script>['login'] => {
  return (nth) => {
    const { token } = (tokenFor(nth) as { body: { token: object } }).body;
    return {
      status: 201,
      headers: { 'X-Subject-Token': `token-${nth}` },
      body: { token: { ...token, catalog: catalog() } },
    };
  };
};

describe('Cinder', () => {
  it.each(['', '/', '/v3', '/v3/', `/v3/${project}`])('is found at an address that ends in %j', async (end) => {
    const endpoints = (url: string) => ({ keystone: `${url}/v3/`, cinder: `${url}${end}` });
    const { cloud, scripted } = await start({ call: () => zones }, { endpoints });
    await cloud.availabilityZones();
    expect(scripted.calls().map(({ path }) => path)).toEqual([`/v3/${project}/os-availability-zone`]);
    expect(scripted.requests[0]?.path).toBe('/v3/auth/tokens');
  });

  it.each(['block-storage', 'volumev3'])('is found by the catalogue as %s, public and in the region', async (type) => {
    const at: { url: string } = { url: '' };
    const entry = (part: object) => ({
      interface: 'public',
      region_id: 'RegionOne',
      url: 'http://wrong.invalid',
      ...part,
    });
    const catalog = () => [
      { type: 'volumev2', endpoints: [entry({})] },
      {
        type,
        endpoints: [
          entry({ interface: 'internal' }),
          entry({ region_id: 'RegionTwo' }),
          entry({ url: `${at.url}/volume/v3/${project}` }),
        ],
      },
    ];
    const { cloud, scripted } = await start(
      { login: loginWith(catalog), call: () => zones },
      { endpoints: (url) => ({ keystone: url }) },
    );
    at.url = scripted.url;
    await cloud.availabilityZones();
    expect(scripted.calls().map(({ path }) => path)).toEqual([`/volume/v3/${project}/os-availability-zone`]);
  });

  it('that no catalogue names is sent nothing', async () => {
    const { cloud, scripted } = await start(
      { login: loginWith(() => []) },
      { endpoints: (url) => ({ keystone: url }) },
    );
    const fault = { code: 'no-cinder-endpoint' };
    expect(await cloud.deleteDisk('v', now)).toMatchObject({ outcome: 'not-now', why: 'unavailable', fault });
    await expect(cloud.quota()).rejects.toMatchObject({ why: 'unavailable', fault });
    expect(await cloud.check()).toMatchObject({ ok: false, fault });
    expect(scripted.calls()).toEqual([]);
  });
});

describe('a token of Keystone', () => {
  it('is asked for once, whatever needs it', async () => {
    const { cloud, scripted } = await start({ call: () => zones });
    await Promise.all(Array.from({ length: 20 }, () => cloud.availabilityZones()));
    expect(scripted.logins()).toBe(1);
    expect(JSON.parse(scripted.requests[0]?.body ?? '')).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'a-user', password: scriptedPassword, domain: { name: 'a-domain' } } },
        },
        scope: { project: { id: project } },
      },
    });
  });

  it('is had anew when the one that worked is not taken any more', async () => {
    const { cloud, scripted } = await start({
      call: ({ headers }, nth) => (nth > 1 && headers['x-auth-token'] === 'token-1' ? unauthorised : zones),
    });
    await cloud.availabilityZones();
    await cloud.availabilityZones();
    expect(scripted.calls().map(({ headers }) => headers['x-auth-token'])).toEqual(['token-1', 'token-1', 'token-2']);
  });

  it('that Glance alone does not take is good for Cinder', async () => {
    const { cloud, scripted } = await start(
      { call: ({ path }) => (path.startsWith('/image') ? unauthorised : zones) },
      { endpoints: (url) => ({ keystone: url, cinder: url, glance: `${url}/image` }) },
    );
    for (let time = 0; time < 3; time += 1) {
      expect(await cloud.availabilityZones()).toEqual([]);
      await expect(cloud.images()).rejects.toMatchObject({ why: 'unauthenticated' });
    }
    expect(await cloud.availabilityZones()).toEqual([]);
    expect([scripted.logins(), scripted.calls().length]).toEqual([2, 6]);
  });

  it('is not given for a wrong password: nothing is sent, and nobody knocks again at once', async () => {
    const { cloud, scripted } = await start({ login: () => unauthorised });
    expect(await cloud.check()).toMatchObject({ ok: false, fault: { code: 'HTTP 401' } });
    expect(await cloud.deleteDisk('v', now)).toMatchObject({ outcome: 'not-now', why: 'unavailable' });
    expect([scripted.logins(), scripted.calls().length]).toEqual([1, 0]);
  });
});

describe('a write to Cinder', () => {
  it.each([
    ['is lost', 'cut' as const],
    ['is a bad gateway', { status: 502 }],
    ['is an internal error', { status: 500, body: { computeFault: { code: 500, message: 'synthetic' } } }],
    ['never comes', 'silence' as const],
  ])('is unknown when its answer %s, and sent once', async (_, answer) => {
    const { cloud, scripted } = await start({ call: (__, nth) => (nth === 1 ? zones : answer) });
    // Logged in and connected: a write leaves at once, however short its time is.
    await cloud.availabilityZones();
    expect(await cloud.deleteDisk('v', { ...now, timeoutMs: 300 })).toMatchObject({ outcome: 'unknown' });
    await expect.poll(() => scripted.calls().length).toBe(2);
  });

  it('is not sent once its time has passed', async () => {
    const { cloud, scripted } = await start({});
    const sent = await cloud.deleteDisk('v', { timeoutMs: 5_000, mayStillSend: () => false });
    expect(sent).toMatchObject({ outcome: 'not-now', why: 'unavailable', fault: { code: 'too-late-to-send' } });
    expect(scripted.calls()).toEqual([]);
  });

  it('carries a request id of its own each time', async () => {
    const { cloud, scripted } = await start({ call: () => ({ status: 202 }) });
    await cloud.deleteDisk('v', now);
    await cloud.deleteDisk('v', now);
    const ids = scripted.calls().map(({ headers }) => headers['x-openstack-request-id']);
    expect(ids).toEqual([expect.stringMatching(/^req-[0-9a-f-]{36}$/), expect.stringMatching(/^req-/)]);
    expect(new Set(ids).size).toBe(2);
  });
});
