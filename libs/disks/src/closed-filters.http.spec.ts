import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskServer } from './contract/disk-server.js';

let server: DiskServer;
let places: Readonly<Record<string, string>>;

beforeAll(async () => {
  server = await DiskServer.start();
  const { bindings, projects } = server.server.seeded;
  places = { bindings: `/v1/bindings/${bindings.simulator}`, projects: `/v1/projects/${projects.alpha}` };
});
afterAll(() => server.close());

const asked = (list: string, query: string) => {
  const path = list.replace(/^\{(\w+)\}/, (_all, name: string) => places[name] ?? '');
  return server.as(server.server.tokens.platformAdmin, 'GET', `${path}?${query}`);
};

describe('a filter whose values are known', () => {
  it.each([
    ['/v1/disks', 'status', 'in-use', 'creating, available'],
    ['{projects}/disks', 'status', 'in-use', 'creating, available'],
    ['/v1/operations', 'status', 'queued', 'queued, running, succeeded'],
    ['/v1/operations', 'kind', 'disk.create', 'binding.check, binding.import, binding.sweep, disk.adopt'],
    ['{projects}/operations', 'kind', 'disk.create', 'binding.check, binding.import, binding.sweep, disk.adopt'],
    ['/v1/pauses', 'kind', 'disk.create', 'disk.adopt, disk.attach, disk.create'],
    ['{projects}/transfers', 'status', 'offered', 'offered'],
    ['/v1/bindings', 'kind', 'evs', 'evs, openstack'],
    ['{bindings}/findings', 'kind', 'stuck', 'unknown, missing'],
    ['{bindings}/findings', 'status', 'open', 'open, ignored'],
    ['{bindings}/findings', 'resource', 'disk', 'disk, snapshot'],
  ])('of %s takes no other %s', async (list, name, one, all) => {
    expect((await asked(list, `${name}=${one}`)).status).toBe(200);
    const pointer = `/query/${name}`;
    const detail = expect.stringContaining(`must be one of ${all}`) as unknown;
    const odd = await asked(list, `${name}=nonsense`);
    expect(odd).toMatchObject({
      status: 400,
      body: { type: '/problems/invalid-request', errors: [{ detail, pointer }] },
    });
    const second = await asked(list, `${name}=${one}&${name}=nonsense`);
    expect(second).toMatchObject({ status: 400, body: { errors: [{ detail, pointer: `${pointer}/1` }] } });
  });

  it('tells of every value of the filter that is none', async () => {
    const pointers = ['/query/kind/0', '/query/kind/2'];
    const { body } = await asked('/v1/operations', 'kind=odd&kind=disk.create&kind=');
    expect(body['errors']).toMatchObject(pointers.map((pointer) => ({ pointer })));
  });
});

describe('a filter whose values the cloud knows', () => {
  it.each([['type'], ['availabilityZone']])('takes any %s, and finds nothing', async (name) => {
    expect(await asked('/v1/disks', `${name}=nonsense`)).toMatchObject({ status: 200, body: { items: [] } });
  });
});
