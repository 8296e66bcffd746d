import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudClient, enter, passwordBody } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

const DAY_MS = 86_400_000;

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
  cloud = await enter(simulator);
  await cloud.freeze();
});
afterAll(() => simulator.close());

interface TokenBody {
  readonly token: {
    readonly issued_at: string;
    readonly expires_at: string;
    readonly project: { readonly id: string };
    readonly catalog?: unknown;
  };
}

describe('an IAM token', () => {
  it('comes in a header, lives 24 hours and names its project', async () => {
    const { status, headers, body } = await cloud.request<TokenBody>(
      'POST',
      '/v3/auth/tokens',
      passwordBody(simulator, cloud.projectId),
    );
    expect(status).toBe(201);
    expect(headers.get('x-subject-token')).toMatch(/^MII/);
    expect(body.token.issued_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(Date.parse(body.token.expires_at) - Date.parse(body.token.issued_at)).toBe(DAY_MS);
    expect(body.token.project.id).toBe(cloud.projectId);
    expect(body.token.catalog).toMatchObject([{ name: 'evs' }, { name: 'ecs' }, { name: 'ims' }]);
  });

  it('comes without a catalogue when none is wanted', async () => {
    const { body } = await cloud.request<TokenBody>(
      'POST',
      '/v3/auth/tokens?nocatalog=true',
      passwordBody(simulator, cloud.projectId),
    );
    expect(body.token).not.toHaveProperty('catalog');
  });

  it.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown user', { name: 'nobody' }],
    ['an unknown domain', { domain: { name: 'elsewhere' } }],
  ])('is not given for %s', async (_, wrong) => {
    const body = passwordBody(simulator, cloud.projectId);
    Object.assign(body.auth.identity.password.user, wrong);
    const refused = await cloud.request('POST', '/v3/auth/tokens', body);
    expect(refused).toMatchObject({ status: 401, body: { error: { code: 401, title: 'Unauthorized' } } });
    expect(refused.headers.get('x-subject-token')).toBeNull();
  });

  it('is not given for a project that does not exist, nor for half a request', async () => {
    expect((await cloud.request('POST', '/v3/auth/tokens', passwordBody(simulator, 'f'.repeat(32)))).status).toBe(401);
    const half = await cloud.request('POST', '/v3/auth/tokens', { auth: {} });
    expect(half).toMatchObject({ status: 400, body: { error: { code: 400, title: 'Bad Request' } } });
  });

  it('can be given by the name of the project, or for no project at all', async () => {
    const named = passwordBody(simulator, '');
    Object.assign(named.auth.scope.project, { id: undefined, name: 'eu-de_strata' });
    expect((await cloud.request<TokenBody>('POST', '/v3/auth/tokens', named)).body.token.project.id).toBe(
      cloud.projectId,
    );
    const { identity } = passwordBody(simulator, '').auth;
    const domainWide = await cloud.request('POST', '/v3/auth/tokens', { auth: { identity } });
    expect(domainWide.body).toMatchObject({ token: { domain: { name: 'strata-simulator' } } });
    const holder = new CloudClient(simulator.url, cloud.projectId, domainWide.headers.get('x-subject-token') ?? '');
    expect(await holder.evs('GET', '/types')).toMatchObject({
      status: 400,
      body: { badRequest: { code: 'EVS.0001' } },
    });
    expect((await holder.request('GET', '/v3/auth/projects')).status).toBe(200);
  });

  it('can be shown and checked, and is worth nothing once revoked', async () => {
    const other = await enter(simulator);
    const subject = { 'X-Subject-Token': other.token };
    expect((await cloud.request('GET', '/v3/auth/tokens', undefined, subject)).body).toMatchObject({
      token: { methods: ['password'] },
    });
    expect((await cloud.request('HEAD', '/v3/auth/tokens', undefined, subject)).status).toBe(200);
    expect((await cloud.request('DELETE', '/v3/auth/tokens', undefined, subject)).status).toBe(204);
    expect((await cloud.request('HEAD', '/v3/auth/tokens', undefined, subject)).status).toBe(404);
    expect(await other.evs('GET', '/types')).toMatchObject({ status: 401, body: { error_code: 'APIG.0307' } });
  });

  it('expires by the movable clock', async () => {
    const old = await enter(simulator);
    await cloud.advance(DAY_MS - 1);
    expect((await old.evs('GET', '/types')).status).toBe(200);
    await cloud.advance(1);
    expect(await old.evs('GET', '/types')).toMatchObject({ status: 401, body: { error_code: 'APIG.0307' } });
    expect((await (await enter(simulator)).evs('GET', '/types')).status).toBe(200);
  });

  it('shows every project that its user may enter', async () => {
    const added = 'ab'.repeat(16);
    await cloud.switch('PUT', `/projects/${added}`, { name: 'eu-de_second' });
    const { body } = await (await enter(simulator)).request<{ projects: { id: string }[] }>('GET', '/v3/auth/projects');
    expect(body.projects.map(({ id }) => id)).toEqual([cloud.projectId, added]);
  });
});
