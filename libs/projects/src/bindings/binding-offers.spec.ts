import type { ViewPage, ViewQuery, ViewRow } from '@strata/event-store';
import { PostgresViewStore } from '@strata/event-store/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../contract/test-server.js';
import { BindingOffers } from './binding-offers.js';

let reads = 0;
class CountedViews extends PostgresViewStore {
  override list<Row extends ViewRow>(query: ViewQuery<Row>): Promise<ViewPage<Row>> {
    reads += 1;
    return super.list(query);
  }
}

let server: TestServer;
let offers: BindingOffers;
beforeAll(async () => {
  server = await TestServer.start();
  offers = new BindingOffers(server.store, new CountedViews(server.store.pool));
});
afterAll(() => server.close());

const { signal } = new AbortController();
const rollback = async (how: 'off' | 'cloudsnapshots') => {
  const path = `/v1/bindings/${server.seeded.bindings.simulator}`;
  const reply = await server.call(server.tokens.platformAdmin, 'PATCH', path, {
    body: { features: { rollback: how } },
  });
  expect(reply.status).toBe(200);
};
const withholding = async (minPosition?: number) => [
  ...(await offers.withholding('roll-back', { minPosition, signal })),
];

describe('what bindings withhold', () => {
  it('is told to who has seen the log further when the view has, and read once for all of them', async () => {
    const { simulator } = server.seeded.bindings;
    await rollback('cloudsnapshots');
    expect(await withholding((await server.store.head()).position)).toEqual([]);

    const follower = await server.worker.connect();
    await follower.query('begin');
    await follower.query('lock table view_bindings in share mode');
    await rollback('off');
    const { position } = await server.store.head();
    reads = 0;
    const asked = Array.from({ length: 10 }, () => withholding(position));
    expect(await withholding()).toEqual([]);
    await follower.query('rollback');
    follower.release();
    expect(await Promise.all(asked)).toEqual(asked.map(() => [simulator]));
    expect(reads).toBeLessThanOrEqual(2);
  });

  it('cannot be asked for beyond the log', async () => {
    const { position } = await server.store.head();
    await expect(withholding(position + 1_000)).rejects.toMatchObject({ kind: { status: 400 } });
  });

  it('is asked of the binding of a project for what lies in it', async () => {
    const { projects, bindings } = server.seeded;
    await rollback('off');
    const seenTo = { minPosition: (await server.store.head()).position, signal };
    expect([...(await offers.withholdingIn(projects.alpha, 'roll-back', seenTo))]).toEqual([bindings.simulator]);
    const { platformAdmin: token } = server.tokens;
    const access = { kind: 'evs', region: 'eu-de', cloudProjectId: 'p', credentials: { ref: 'x' } };
    const endpoints = { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' };
    const body = { name: 'other', endpoints, ...access };
    const bindingId = (await server.call(token, 'POST', '/v1/bindings', { body })).body['id'];
    const made = { name: 'elsewhere', parentId: projects.root, bindingId };
    const elsewhere = (await server.call(token, 'POST', '/v1/projects', { body: made })).body['id'];
    expect([...(await offers.withholdingIn(elsewhere as typeof projects.root, 'roll-back', seenTo))]).toEqual([]);
  });
});
