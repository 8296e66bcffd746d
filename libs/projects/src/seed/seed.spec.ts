import { everything } from '@strata/event-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../contract/index.js';
import { foldBinding, bindingStream, seed, type SeedBinding } from '../index.js';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.close());

const simulator: SeedBinding = {
  region: 'eu-de',
  endpoints: { iam: 'http://127.0.0.1:7071/iam', evs: 'http://127.0.0.1:7071/evs' },
  cloudProjectId: 'simulated',
  credentials: { ref: 'simulator' },
};
const head = async () => (await server.store.head()).position;

describe('the seed', () => {
  it('makes a root with two projects, of which each operator sees one', async () => {
    const list = async (token: string) => (await server.call(token, 'GET', '/v1/projects?sort=name')).body['items'];
    const { position, incarnation } = await server.store.head();
    const headers = { 'strata-min-position': `${incarnation}.${position}` };
    expect((await server.call(server.tokens.platformAdmin, 'GET', '/v1/projects', { headers })).status).toBe(200);
    expect(await list(server.tokens.platformAdmin)).toMatchObject([
      { name: 'alpha', parentId: server.seeded.projects.root },
      { name: 'beta', parentId: server.seeded.projects.root },
      { name: 'root', parentId: null },
    ]);
    expect(await list(server.tokens.alpha)).toMatchObject([{ name: 'alpha' }]);
    expect(await list(server.tokens.beta)).toMatchObject([{ name: 'beta' }]);
  });

  it('makes nothing twice', async () => {
    const before = await head();
    expect(await seed(server, simulator)).toEqual(server.seeded);
    expect(await head()).toBe(before);
  });

  it('follows the simulator to another address', async () => {
    const endpoints = { iam: 'http://127.0.0.1:9/iam', evs: 'http://127.0.0.1:9/evs' };
    await seed(server, { ...simulator, endpoints });
    const stream = bindingStream(server.seeded.bindings.simulator);
    const { streams } = await server.store.load({ sight: everything, streams: [stream] });
    expect(foldBinding(streams[0])).toMatchObject({ status: 'live', access: { endpoints } });
  });

  it('leaves alone what was changed since', async () => {
    const { alpha } = server.seeded.projects;
    const admin = server.tokens.platformAdmin;
    await server.call(admin, 'PATCH', `/v1/projects/${alpha}`, { body: { name: 'renamed' } });
    const before = await head();
    await seed(server, { ...simulator, endpoints: { iam: 'http://127.0.0.1:9/iam', evs: 'http://127.0.0.1:9/evs' } });
    expect(await head()).toBe(before);
  });
});
