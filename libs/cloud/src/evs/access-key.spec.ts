import { startSimulator, type Simulator } from '@strata/simulator';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startScriptedServer, type ScriptedServer } from '../contract/scripted-server.js';
import type { AccessKeyCredentials } from '../disk-cloud.js';
import { EvsDiskCloud } from './evs-disk-cloud.js';
import type { EvsOptions } from './evs.client.js';

const minute = 60_000;
const day = 24 * 60 * minute;
const forms = ['simple', 'scoped'] as const;
const Requests = z.object({ calls: z.record(z.string(), z.object({ total: z.number() })) });

let simulator: Simulator;
let opened: EvsDiskCloud[];

beforeEach(async () => {
  simulator = await startSimulator({ jobMs: 0 });
  opened = [];
});
afterEach(async () => {
  await simulator.close();
  await Promise.all(opened.map((cloud) => cloud.close()));
});

const seeded = (): AccessKeyCredentials => {
  const [keys] = simulator.seed.accessKeys;
  if (keys === undefined) throw new Error('the simulator knows no access key');
  return keys;
};

const projectId = () => simulator.seed.projects[0]?.id ?? '';

const cloudWith = (
  credentials: AccessKeyCredentials,
  options: Partial<EvsOptions> = {},
  cloudProjectId = projectId(),
  url = simulator.url,
): EvsDiskCloud => {
  const endpoints = { iam: url, evs: url };
  const cloud = new EvsDiskCloud({ kind: 'evs', region: 'eu-de', endpoints, cloudProjectId, credentials }, options);
  opened.push(cloud);
  return cloud;
};

const tell = async (method: string, path: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${simulator.url}/_simulator/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} was not understood`);
};

const calls = async (): Promise<number> => {
  const answer = await fetch(`${simulator.url}/_simulator/requests`);
  return Object.values(Requests.parse(await answer.json()).calls).reduce((sum, { total }) => sum + total, 0);
};

const turnedAway = (code: string) => ({ ok: false, fault: { code } });

describe.each(forms)('an access key that signs in the %s form', (signature) => {
  it('needs no login', async () => {
    expect(await cloudWith({ ...seeded(), signature }).check()).toEqual({ ok: true });
    expect(await calls()).toBe(1);
  });

  it('is tried once when its secret is wrong, and then no more for a minute', async () => {
    let nowMs = 0;
    const cloud = cloudWith({ ...seeded(), secretKey: 'wrong', signature }, { nowMs: () => nowMs });
    for (let time = 1; time <= 3; time += 1) {
      expect(await cloud.check()).toMatchObject(turnedAway('APIG.0301'));
      await expect(cloud.quota()).rejects.toMatchObject({ name: 'CloudSilent', why: 'unauthenticated' });
    }
    expect(await calls()).toBe(1);
    nowMs = minute;
    expect(await cloud.check()).toMatchObject(turnedAway('APIG.0301'));
    expect(await calls()).toBe(2);
  });

  it.each([
    ['ahead', day],
    ['behind', -day],
  ])('is dated by the clock of the cloud where ours is %s', async (_, offMs) => {
    const cloud = cloudWith({ ...seeded(), signature }, { wallClockMs: () => Date.now() + offMs });
    expect(await cloud.check()).toEqual({ ok: true });
    expect(await calls()).toBe(2);
    expect(await cloud.check()).toEqual({ ok: true });
    expect(await calls()).toBe(3);
  });

  it('outlasts a jump of the clock in the middle of work, for all who call', async () => {
    const cloud = cloudWith({ ...seeded(), signature });
    expect(await cloud.check()).toEqual({ ok: true });
    await tell('POST', 'clock', { advanceMs: day });
    const looks = await Promise.all(Array.from({ length: 20 }, () => cloud.check()));
    expect(looks).toEqual(Array(20).fill({ ok: true }));
  });

  it('comes with its security token where it is temporary, until it ends', async () => {
    await tell('PUT', 'access-keys/TEMPORARY', { secretKey: 's', securityToken: 'st', expiresInMs: 10 * minute });
    const keys = { accessKey: 'TEMPORARY', secretKey: 's', signature };
    const cloud = cloudWith({ ...keys, securityToken: 'st' });
    expect(await cloud.check()).toEqual({ ok: true });
    expect(await cloudWith(keys).check()).toMatchObject(turnedAway('APIG.0301'));
    await tell('POST', 'clock', { advanceMs: 10 * minute });
    expect(await cloud.check()).toMatchObject(turnedAway('IAM.1108'));
    const before = await calls();
    expect(await cloud.check()).toMatchObject(turnedAway('IAM.1108'));
    expect(await calls()).toBe(before);
  });

  it('that was switched off works again once it is switched on', async () => {
    let nowMs = 0;
    const cloud = cloudWith({ ...seeded(), signature }, { nowMs: () => nowMs });
    await tell('PUT', `access-keys/${seeded().accessKey}`, { active: false });
    expect(await cloud.check()).toMatchObject(turnedAway('IAM.1107'));
    await tell('PUT', `access-keys/${seeded().accessKey}`, { active: true });
    expect(await cloud.check()).toMatchObject(turnedAway('IAM.1107'));
    nowMs = minute;
    expect(await cloud.check()).toEqual({ ok: true });
  });

  it('enters the project that the binding names', async () => {
    const other = 'ab'.repeat(16);
    await tell('PUT', `projects/${other}`, { name: 'eu-de_other' });
    expect(await cloudWith({ ...seeded(), signature }, {}, other).check()).toEqual({ ok: true });
    const absent = cloudWith({ ...seeded(), signature }, {}, 'cd'.repeat(16));
    expect(await absent.check()).toMatchObject(turnedAway('IAM.1109'));
  });
});

describe('an access key that one service does not take', () => {
  const at = '2026-03-02T08:00:00Z';
  const refusal = { error: { code: 'IMG.0087', message: 'synthetic' } };
  const aDisk = { volume: { id: 'v', status: 'available', size: 10 } };

  it.each([
    ['is asked with at the others', 0, 2],
    ['is dated for the others as before, whatever the clock of that one shows', day, 3],
  ])('%s', async (_, lateMs, calls) => {
    const date = new Date(Date.parse(at) - lateMs).toUTCString();
    const ofImages = (request: { readonly path: string }) => request.path.startsWith('/ims');
    const server = await startScriptedServer((request) =>
      ofImages(request) ? { status: 401, headers: { date }, body: refusal } : { status: 200, body: aDisk },
    );
    const endpoints = { iam: server.url, evs: server.url, ims: `${server.url}/ims` };
    const credentials = { accessKey: 'AK', secretKey: 'SK' };
    const access = { kind: 'evs', region: 'eu-de', endpoints, cloudProjectId: projectId(), credentials } as const;
    let nowMs = 0;
    const cloud = new EvsDiskCloud(access, { nowMs: () => nowMs, wallClockMs: () => Date.parse(at) });
    opened.push(cloud);
    try {
      for (nowMs of [0, minute / 2, minute, 2 * minute]) {
        expect(await cloud.findDisk('v')).toMatchObject({ cloudId: 'v' });
        await expect(cloud.images()).rejects.toMatchObject({ why: 'unauthenticated', fault: { code: 'IMG.0087' } });
      }
      const ofDisks = server.requests.filter((request) => !ofImages(request));
      expect(ofDisks.map(({ headers }) => headers['x-sdk-date'])).toEqual(Array(4).fill('20260302T080000Z'));
      // At once, and after a minute; then its door is closed for two.
      expect(server.requests.filter(ofImages)).toHaveLength(calls);
    } finally {
      await server.close();
    }
  });
});

describe('a secret key', () => {
  let server: ScriptedServer;
  afterEach(() => server.close());

  it('is never sent, and is cut out of what the cloud says, like the security token', async () => {
    const keys = { accessKey: 'AK', secretKey: 'correct-horse', securityToken: 'battery-staple' };
    const gossip = { error_code: 'APIG.0301', error_msg: 'not correct-horse, battery-staple' };
    server = await startScriptedServer(() => ({ status: 401, body: gossip }));
    const answer = await cloudWith(keys, {}, projectId(), server.url).check();
    expect(answer).toMatchObject({ ok: false, fault: { message: 'not [secret], [secret]' } });
    expect(JSON.stringify(server.requests)).not.toContain('correct-horse');
  });
});
