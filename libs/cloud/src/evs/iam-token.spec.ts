import { afterEach, describe, expect, it } from 'vitest';
import { scriptedPassword, startScriptedCloud, tokenFor, type Script } from '../contract/scripted-cloud.js';
import { ownFault } from './evs.faults.js';
import { HttpExchange } from '../wire/http-exchange.js';
import { IamToken } from './iam-token.js';
import { Secrets } from '../wire/secrets.js';
import { example } from './fixtures/examples.js';

const minute = 60_000;
const hour = 60 * minute;
const rejected = ownFault('APIG.0307', 'the token must be renewed');
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const start = async (login?: Script['login']) => {
  const cloud = await startScriptedCloud(login === undefined ? {} : { login });
  const http = new HttpExchange({ connectionsPerEndpoint: 4, connectTimeoutMs: 5_000 });
  const clock = { nowMs: 1_000_000 };
  const url = new URL('/v3/auth/tokens?nocatalog=true', cloud.url);
  const turns: (string | undefined)[][] = [];
  const turn = (...of: (string | undefined)[]) => Promise.resolve(void turns.push(of));
  const options = { loginTimeoutMs: 5_000, nowMs: () => clock.nowMs, turn };
  const token = new IamToken(cloud.access, url, http, new Secrets(scriptedPassword), options);
  ends.push(() => http.close(), cloud.close);
  return { cloud, clock, token, turns };
};

const says = (status: number, code: string, headers = {}) => ({
  status,
  headers,
  body: { error_code: code, error_msg: 'synthetic' },
});

describe('a token of IAM', () => {
  it('is asked for as the manual shows, for the project, without the catalogue', async () => {
    const { cloud, token } = await start();
    await token.current();
    const documented = example('iam.token.password').request.body as {
      auth: { identity: { password: { user: object } } };
    };
    const [request] = cloud.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v3/auth/tokens?nocatalog=true' });
    const sent = JSON.parse(request?.body ?? '') as typeof documented;
    expect(Object.keys(sent.auth.identity.password.user)).toEqual(Object.keys(documented.auth.identity.password.user));
    expect(sent).toMatchObject({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'a-user', domain: { name: 'a-domain' } } } },
        scope: { project: { id: cloud.access.cloudProjectId } },
      },
    });
  });

  it('is one for all who ask at the same time, and afterwards', async () => {
    const { cloud, token } = await start();
    const answers = await Promise.all(Array.from({ length: 50 }, () => token.current()));
    answers.push(await token.current());
    expect(new Set(answers.map((answer) => answer.ok && answer.token))).toEqual(new Set(['token-1']));
    expect(cloud.logins()).toBe(1);
  });

  it('takes a turn of the budget for each login, as one for which everybody waits', async () => {
    const { cloud, clock, token, turns } = await start();
    await token.current();
    await token.current();
    clock.nowMs += 25 * hour;
    await token.current();
    expect(turns).toEqual([1, 2].map(() => [new URL(cloud.url).origin, 'everybody']));
  });

  it('is renewed in the background in its last hour, and not before', async () => {
    const { cloud, clock, token } = await start();
    await token.current();
    clock.nowMs += 23 * hour - 1;
    await token.current();
    expect(cloud.logins()).toBe(1);
    clock.nowMs += 30 * minute + 1;
    expect(await token.current()).toMatchObject({ ok: true, token: 'token-1' });
    await expect.poll(async () => token.current()).toMatchObject({ ok: true, token: 'token-2' });
    expect(cloud.logins()).toBe(2);
  });

  it('serves until its end when it cannot be renewed', async () => {
    const { clock, token } = await start((nth) => (nth === 1 ? tokenFor(1) : says(503, 'IAM.0006')));
    await token.current();
    clock.nowMs += 23 * hour + 45 * minute;
    expect(await token.current()).toMatchObject({ ok: true, token: 'token-1' });
    clock.nowMs += 15 * minute;
    expect(await token.current()).toMatchObject({ ok: false, why: 'unavailable', fault: { code: 'IAM.0006' } });
  });

  it('that lives for an hour is not renewed all the time', async () => {
    const { cloud, clock, token } = await start((nth) => tokenFor(nth, 1));
    await token.current();
    clock.nowMs += 29 * minute;
    await token.current();
    expect(cloud.logins()).toBe(1);
  });

  it('is got anew once when one that had worked is rejected, however many report it', async () => {
    const { cloud, token } = await start();
    await token.current();
    token.accepted('token-1');
    const afterRejection = async () => {
      token.rejected('token-1', rejected);
      return token.current();
    };
    expect(await Promise.all(Array.from({ length: 20 }, afterRejection))).toMatchObject(
      Array(20).fill({ ok: true, token: 'token-2' }),
    );
    expect(cloud.logins()).toBe(2);
  });

  it('is not asked for again while every new one is rejected', async () => {
    const { cloud, clock, token } = await start();
    for (let round = 0; round < 100; round += 1) {
      const answer = await token.current();
      if (answer.ok) token.rejected(answer.token, rejected);
      clock.nowMs += minute;
    }
    // Doubling from one minute to fifteen: 1 + 2 + 4 + 8 and then every quarter of an hour.
    expect(cloud.logins()).toBeGreaterThanOrEqual(5);
    expect(cloud.logins()).toBeLessThanOrEqual(11);
  });

  it('is got anew once for a neighbour that takes none, and not again until it took one', async () => {
    const { cloud, clock, token } = await start();
    await token.current();
    token.accepted('token-1');
    const turnsAway = async () => {
      const answer = await token.current('ims');
      if (answer.ok) token.rejected(answer.token, rejected, 'ims');
    };
    for (let round = 0; round < 100; round += 1) {
      await turnsAway();
      await turnsAway();
      token.accepted('token-2');
      expect(await token.current()).toMatchObject({ ok: true });
      clock.nowMs += minute;
    }
    expect(cloud.logins()).toBe(2);
    clock.nowMs += 15 * minute;
    await token.current('ims');
    token.accepted('token-2', 'ims');
    await turnsAway();
    expect(await token.current('ims')).toMatchObject({ ok: true, token: 'token-3' });
  });

  it('that nobody took yet is not got anew for a neighbour that does not take it', async () => {
    const { cloud, token } = await start();
    await token.current('ims');
    for (let report = 0; report < 20; report += 1) token.rejected('token-1', rejected, 'ims');
    expect(await token.current('ims')).toMatchObject({ ok: false, why: 'unauthenticated', retryAfterMs: minute });
    for (const service of [undefined, 'ecs']) {
      expect(await token.current(service)).toMatchObject({ ok: true, token: 'token-1' });
    }
    expect(cloud.logins()).toBe(1);
  });

  it('stays for the others while there is none to be had for a neighbour that does not take it', async () => {
    const { cloud, clock, token } = await start((nth) => (nth === 2 ? says(429, 'IAM.0012') : tokenFor(nth)));
    await token.current();
    token.accepted('token-1');
    token.rejected('token-1', rejected, 'ims');
    expect(await token.current('ims')).toMatchObject({ ok: false, why: 'throttled' });
    expect(await token.current()).toMatchObject({ ok: true, token: 'token-1' });
    // What was under way before the rejection says nothing against it.
    token.accepted('token-1', 'ims');
    clock.nowMs += minute;
    expect(await token.current('ims')).toMatchObject({ ok: true, token: 'token-3' });
    expect(await token.current()).toMatchObject({ ok: true, token: 'token-3' });
    expect(cloud.logins()).toBe(3);
  });

  it.each([
    ['a wrong password', says(401, 'IAM.0062')],
    ['a locked user', says(401, 'IAM.0061')],
    [
      'a wrong password, in Keystone’s words',
      { status: 401, body: { error: { code: 401, message: 'no', title: 'U' } } },
    ],
  ])('is not asked for in a loop after %s', async (_, refusal) => {
    const { cloud, clock, token } = await start((nth) => (nth <= 2 ? refusal : tokenFor(nth)));
    for (let asked = 0; asked < 10; asked += 1) {
      expect(await token.current()).toMatchObject({ ok: false, why: 'unauthenticated', retryAfterMs: minute });
    }
    expect(cloud.logins()).toBe(1);
    clock.nowMs += minute;
    expect(await token.current()).toMatchObject({ ok: false, why: 'unauthenticated', retryAfterMs: 2 * minute });
    clock.nowMs += 2 * minute;
    expect(await token.current()).toMatchObject({ ok: true, token: 'token-3' });
  });

  it('is not asked for more and more often while a token of before is taken and no login brings another', async () => {
    const login = (nth: number) => (nth === 1 ? tokenFor(nth) : says(401, 'IAM.0062'));
    const { cloud, clock, token } = await start(login);
    await token.current();
    token.accepted('token-1');
    token.rejected('token-1', rejected, 'ims');
    for (let past = 0; past < 120; past += 1) {
      await token.current('ims');
      token.accepted('token-1');
      clock.nowMs += minute;
    }
    expect(cloud.logins()).toBeLessThanOrEqual(13);
  });

  it('waits as long as a throttling IAM asks, or a minute', async () => {
    const throttled = [says(429, 'IAM.0012'), says(429, 'IAM.0012', { 'Retry-After': '7' })];
    const { cloud, clock, token } = await start((nth) => throttled[nth - 1] ?? tokenFor(nth));
    expect(await token.current()).toMatchObject({ ok: false, why: 'throttled', retryAfterMs: minute });
    clock.nowMs += minute;
    expect(await token.current()).toMatchObject({ ok: false, why: 'throttled', retryAfterMs: 7_000 });
    clock.nowMs += 6_999;
    expect(await token.current()).toMatchObject({ ok: false, retryAfterMs: 1 });
    expect(cloud.logins()).toBe(2);
    clock.nowMs += 1;
    expect(await token.current()).toMatchObject({ ok: true });
  });

  it('is not found in a login that was answered without one', async () => {
    const { token } = await start(() => ({ status: 201, body: {} }));
    expect(await token.current()).toMatchObject({ ok: false, why: 'unavailable', fault: { code: 'no-token' } });
  });
});
