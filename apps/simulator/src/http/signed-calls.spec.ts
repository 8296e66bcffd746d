import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CloudClient, enter } from '../cloud-client.js';
import { DEFAULT_SEED } from '../options.js';
import { startSimulator, type Simulator } from '../simulator.js';

const MINUTE_MS = 60_000;
/** Where the simulator's clock stands still in each test. */
const NOW = '2090-03-02T08:00:00.000Z';
const nowMs = Date.parse(NOW);
const [KEYS] = DEFAULT_SEED.accessKeys as readonly [{ readonly accessKey: string; readonly secretKey: string }];

let simulator: Simulator;
let cloud: CloudClient;
let stranger: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  stranger = new CloudClient(simulator.url, simulator.seed.projects[0]?.id ?? '', '');
  await stranger.switch('POST', '/clock', { now: NOW, rate: 0 });
  cloud = await enter(simulator);
});
afterAll(() => simulator.close());

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sdkDate = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

interface Caller {
  readonly form?: 'simple' | 'scoped';
  readonly accessKey?: string;
  readonly secretKey?: string;
  readonly atMs?: number;
  /** The day in the scope; that of the signature where it is left out. */
  readonly day?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What was signed, where that is something else than what is sent. */
  readonly signedPayload?: string;
  readonly body?: object;
}

/** Signs by the letter of the EVS reference §7.2 a request whose path and query are canonical already, but for the last slash. */
const signed = async (method: string, path: string, caller: Caller = {}) => {
  const { form = 'simple', accessKey = KEYS.accessKey, secretKey = KEYS.secretKey, atMs = nowMs, body } = caller;
  const sent = body === undefined ? '' : JSON.stringify(body);
  const date = sdkDate(atMs);
  const headers: Record<string, string> = { 'x-sdk-date': date, ...caller.headers };
  const ofBody: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const all = Object.entries({ ...headers, ...ofBody, host: new URL(simulator.url).host }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const names = all.map(([name]) => name).join(';');
  const [route = '', query = ''] = path.split('?');
  const queryIsBody = form === 'scoped' && method === 'POST' && sent === '';
  const hash = headers['x-sdk-content-sha256'] ?? sha256(caller.signedPayload ?? (queryIsBody ? query : sent));
  const lines = all.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = [method, `${route}/`, queryIsBody ? '' : query, lines, names, hash].join('\n');
  const scope = `${caller.day ?? date.slice(0, 8)}/eu-de/evs/sdk_request`;
  const toSign = ['SDK-HMAC-SHA256', date, ...(form === 'scoped' ? [scope] : []), sha256(canonical)].join('\n');
  const key = form === 'scoped' ? scope.split('/').reduce<string | Buffer>(hmac, `SDK${secretKey}`) : secretKey;
  const credential = form === 'scoped' ? `Credential=${accessKey}/${scope}` : `Access=${accessKey}`;
  const authorization = `SDK-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${hmac(key, toSign).toString('hex')}`;
  return stranger.request(method, path, body, { ...headers, authorization });
};

const refused = (status: number, error_code: string) => ({ status, body: { error_code } });
const types = () => `/v2/${cloud.projectId}/types`;
const change = (accessKey: string, body: object) => cloud.switch('PUT', `/access-keys/${accessKey}`, body);

describe.each(['simple', 'scoped'] as const)('a call that is signed in the %s form', (form) => {
  it('needs no token', async () => {
    expect((await signed('GET', types(), { form })).status).toBe(200);
    expect(
      (await signed('GET', `/v2/${cloud.projectId}/cloudvolumes/detail?limit=2&name=a%20b`, { form })).status,
    ).toBe(200);
    const volume = { availability_zone: 'eu-de-01', volume_type: 'SSD', size: 10, name: 'Käse' };
    const made = await signed('POST', `/v2/${cloud.projectId}/cloudvolumes`, { form, body: { volume } });
    expect(made.status).toBe(200);
    expect((await cloud.list()).volumes).toMatchObject([{ name: 'Käse' }]);
  });

  it.each([
    ['15 minutes old', -15 * MINUTE_MS, 200],
    ['15 minutes early', 15 * MINUTE_MS, 200],
    ['older', -15 * MINUTE_MS - 1_000, 401],
    ['earlier', 15 * MINUTE_MS + 1_000, 401],
  ])('is judged by the movable clock: %s', async (_, offMs, status) => {
    expect((await signed('GET', types(), { form, atMs: nowMs + offMs })).status).toBe(status);
  });

  it.each<[string, Caller]>([
    ['an unknown key', { accessKey: 'NOBODY' }],
    ['a wrong secret', { secretKey: 'wrong' }],
    ['another body than was signed', { body: { volume: {} }, signedPayload: '{}' }],
    ['another hash than that of its body', { headers: { 'x-sdk-content-sha256': sha256('other') } }],
  ])('is turned away with %s', async (_, caller) => {
    const { body } = caller;
    const path = body === undefined ? types() : `/v2/${cloud.projectId}/cloudvolumes`;
    expect(await signed(body === undefined ? 'GET' : 'POST', path, { form, ...caller })).toMatchObject(
      refused(401, 'APIG.0301'),
    );
  });

  it('may leave its body unsigned, if it says so', async () => {
    const headers = { 'x-sdk-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect((await signed('GET', types(), { form, headers })).status).toBe(200);
  });

  it('is turned away once its temporary key has ended, or without the security token', async () => {
    await change('TEMPORARY', { secretKey: 's', securityToken: 'st', expiresInMs: 5 * MINUTE_MS });
    const caller = { form, accessKey: 'TEMPORARY', secretKey: 's' };
    const withToken = { ...caller, headers: { 'x-security-token': 'st' } };
    expect((await signed('GET', types(), withToken)).status).toBe(200);
    expect(await signed('GET', types(), caller)).toMatchObject(refused(401, 'APIG.0301'));
    await cloud.advance(5 * MINUTE_MS);
    expect(await signed('GET', types(), withToken)).toMatchObject(refused(400, 'IAM.1108'));
  });

  it('is turned away while its key is inactive', async () => {
    await change(KEYS.accessKey, { active: false });
    expect(await signed('GET', types(), { form })).toMatchObject(refused(400, 'IAM.1107'));
    await change(KEYS.accessKey, { active: true });
    expect((await signed('GET', types(), { form })).status).toBe(200);
  });

  it('is made in the project that it names, else in the main one', async () => {
    const other = 'ab'.repeat(16);
    await cloud.switch('PUT', `/projects/${other}`, { name: 'eu-de_other' });
    const elsewhere = `/v2/${other}/types`;
    const headers = { 'x-project-id': other };
    expect((await signed('GET', elsewhere, { form, headers })).status).toBe(200);
    expect(await signed('GET', elsewhere, { form })).toMatchObject({
      status: 400,
      body: { badRequest: { code: 'EVS.0001' } },
    });
    const absent = { 'x-project-id': 'cd'.repeat(16) };
    expect(await signed('GET', types(), { form, headers: absent })).toMatchObject(refused(400, 'IAM.1109'));
  });
});

describe('a signature', () => {
  it('in the scoped form holds on the day of its scope', async () => {
    expect(await signed('GET', types(), { form: 'scoped', day: '20200101' })).toMatchObject(refused(401, 'APIG.0301'));
  });

  it('in the scoped form covers the query of a POST without a body as its payload', async () => {
    const answer = await signed('POST', `/v2/${cloud.projectId}/cloudvolumes?a=1&b=2`, { form: 'scoped' });
    expect(answer.body).not.toHaveProperty('error_code');
    expect(answer.status).toBe(400);
  });

  it.each([
    'Basic dTpw',
    'SDK-HMAC-SHA256 Access=AK',
    'SDK-HMAC-SHA256, Access=AK, SignedHeaders=host;x-sdk-date, Signature=00',
    `SDK-HMAC-SHA256 Access=${KEYS.accessKey}, SignedHeaders=x-sdk-date, Signature=${'0'.repeat(64)}`,
  ])('that is none is turned away: %s', async (authorization) => {
    const headers = { authorization, 'x-sdk-date': sdkDate(nowMs) };
    expect(await stranger.request('GET', types(), undefined, headers)).toMatchObject(refused(401, 'APIG.0301'));
  });
});

describe('an access key', () => {
  it('is shown without its secret, and nowhere else', async () => {
    const made = await change('NEW1', { secretKey: 'the-secret', securityToken: 'the-token', expiresInMs: MINUTE_MS });
    const shown = await cloud.switch('GET', '/access-keys');
    expect(shown.body).toMatchObject({
      accessKeys: [
        { accessKey: KEYS.accessKey, active: true, temporary: false, expiresAt: null },
        { accessKey: 'NEW1', active: true, temporary: true },
      ],
    });
    const state = await cloud.switch('GET', '/state');
    const everything = JSON.stringify([made.body, shown.body, state.body]);
    for (const secret of ['the-secret', 'the-token', KEYS.secretKey]) expect(everything).not.toContain(secret);
  });

  it.each([
    ['bad name', {}],
    ['NEW1', { colour: 'red' }],
    ['NEW1', { expiresInMs: 1 }],
  ])('is not made of what is wrong: %s %j', async (name, body) => {
    expect((await change(encodeURIComponent(name), body)).status).toBe(400);
  });
});
