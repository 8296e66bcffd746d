import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { idOf, makeProject, refusalOf } from '../contract/making-projects.js';
import { TestServer, type Reply } from '../contract/test-server.js';

const Tokens = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string().nullable(), createdAt: z.string() })),
  nextCursor: z.string().nullable(),
});

const most = 100;

let server: TestServer;
let admin: string;
let path: string;
/** Oldest first; every third is an operator's. */
let issued: readonly Reply[];

const list = (query: string, headers: Record<string, string> = {}) =>
  server.call(admin, 'GET', `${path}?${query}`, { headers });

const namesIn = (reply: Reply) => {
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return Tokens.parse(reply.body).items.map(({ name }) => name);
};

/** The names of all pages. */
const namesOf = async (query: string, limit: number) => {
  const pages: (readonly (string | null)[])[] = [];
  let next: string | null = `${query}&limit=${limit}`;
  while (next !== null) {
    const reply: Reply = await list(next);
    pages.push(namesIn(reply));
    const { nextCursor } = Tokens.parse(reply.body);
    next = nextCursor && `cursor=${nextCursor}&limit=${limit}`;
  }
  return pages;
};

const at = (index: number): Reply => {
  const reply = issued[index];
  if (!reply) throw new Error(`there is no token ${index}`);
  return reply;
};

beforeAll(async () => {
  server = await TestServer.start();
  admin = server.tokens.platformAdmin;
  path = `/v1/projects/${idOf(await makeProject(server, 'with tokens'))}/tokens`;
  const replies: Reply[] = [];
  for (let n = 0; n < most; n++) {
    const body = { name: `token ${n % 10}`, role: n % 3 === 0 ? 'operator' : 'viewer' };
    replies.push(await server.call(admin, 'POST', path, { body }));
  }
  issued = replies;
});
afterAll(() => server.close());

const nameOf = (index: number) => `token ${index % 10}`;
const oldestFirst = Array.from({ length: most }, (_, index) => nameOf(index));

describe('the list of tokens', () => {
  it('has fifty on a page, newest first, unless told otherwise', async () => {
    const first = await list('');
    expect(namesIn(first)).toEqual(oldestFirst.toReversed().slice(0, 50));
    expect(first.headers.get('strata-position')).toMatch(/\.[0-9]+$/);
    const { nextCursor } = Tokens.parse(first.body);
    const second = await list(`cursor=${nextCursor}`);
    expect(namesIn(second)).toEqual(oldestFirst.toReversed().slice(50));
    expect(second.body['nextCursor']).toBeNull();
  });

  it.each([
    ['sort=-createdAt', () => oldestFirst.toReversed()],
    ['sort=createdAt', () => oldestFirst],
  ])('comes in the order of %s', async (query, expected) => {
    const pages = await namesOf(query, 30);
    expect(pages.map(({ length }) => length)).toEqual([30, 30, 30, 10]);
    expect(pages.flat()).toEqual(expected());
  });

  it('is filtered by members, of which each may be named again', async () => {
    const [one, other] = [at(7).body, at(8).body];
    expect(namesIn(await list(`id=${String(one['id'])}&id=${String(other['id'])}`))).toEqual(['token 8', 'token 7']);
    const { id } = one['actor'] as { id: string };
    expect(namesIn(await list(`actor.id=${id}`))).toEqual(['token 7']);
    expect(namesIn(await list('name=token%201&name=token%202&role=operator&sort=createdAt'))).toEqual(
      oldestFirst.filter((name, n) => n % 3 === 0 && ['token 1', 'token 2'].includes(name)),
    );
    expect(namesIn(await list('name=nobody'))).toEqual([]);
  });

  it('is bounded by when they were issued', async () => {
    const createdAt = String(at(40).body['createdAt']);
    const { items } = Tokens.parse((await list(`createdAt.gt=${createdAt}&limit=500`)).body);
    const { items: others } = Tokens.parse((await list(`createdAt.lte=${createdAt}&limit=500`)).body);
    expect(items.every((token) => token.createdAt > createdAt)).toBe(true);
    expect(others.every((token) => token.createdAt <= createdAt)).toBe(true);
    expect(items.length + others.length).toBe(most);
  });

  it.each([
    ['limit=0', 'invalid-request'],
    ['limit=501', 'invalid-request'],
    ['sort=name', 'invalid-request'],
    ['role=owner', 'invalid-request'],
    ['name=%00', 'invalid-request'],
    ['expiresAt=2099-01-01T00:00:00Z', 'invalid-request'],
    ['cursor=x', 'invalid-cursor'],
  ])('is refused where a rule is broken: %s', async (query, code) => {
    expect(refusalOf(await list(query))).toEqual([400, `/problems/${code}`]);
  });

  it('goes on with what its cursor was made for alone', async () => {
    const { nextCursor } = Tokens.parse((await list('role=viewer&limit=5')).body);
    const next = await list(`cursor=${nextCursor}&limit=3`);
    expect(namesIn(next)).toEqual(
      oldestFirst
        .filter((_, n) => n % 3 !== 0)
        .toReversed()
        .slice(5, 8),
    );
    expect((await list(`cursor=${nextCursor}&role=viewer&limit=3`)).body).toEqual(next.body);
    expect(refusalOf(await list(`cursor=${nextCursor}&role=operator`))).toEqual([400, '/problems/invalid-cursor']);
    expect(refusalOf(await list(`cursor=${nextCursor}&sort=createdAt`))).toEqual([400, '/problems/invalid-cursor']);
    const others = `/v1/projects/${server.seeded.projects.alpha}/tokens?cursor=${nextCursor}`;
    expect(refusalOf(await server.call(admin, 'GET', others))).toEqual([400, '/problems/invalid-cursor']);
  });

  it('is of one moment with asOf, on every page', async () => {
    const then = at(4).headers.get('strata-position') ?? '';
    const first = await list(`asOf=${then}&limit=3`);
    expect([namesIn(first), first.headers.get('strata-position')]).toEqual([['token 4', 'token 3', 'token 2'], then]);
    const second = await list(`cursor=${Tokens.parse(first.body).nextCursor}`);
    expect([namesIn(second), second.headers.get('strata-position')]).toEqual([['token 1', 'token 0'], then]);
  });

  it('is that of an absent project before the project was made', async () => {
    const { position: before } = await server.store.head();
    const made = `/v1/projects/${idOf(await makeProject(server, 'made later'))}/tokens`;
    const then = (asOf: number) => server.call(admin, 'GET', `${made}?asOf=${asOf}`);
    expect(refusalOf(await then(before))).toEqual([404, '/problems/not-found']);
    expect((await then(before + 1)).body).toEqual({ items: [], nextCursor: null });
  });

  it('takes a position that it is to have seen, not one beyond the head', async () => {
    const { position, incarnation } = await server.store.head();
    const after = (n: number) => ({ 'strata-min-position': `${incarnation}.${n}` });
    expect((await list('limit=1', after(position))).status).toBe(200);
    expect((await list('limit=1', after(position + 1_000))).status).toBe(400);
  });

  it('stays that of the admins of the project', async () => {
    const { nextCursor } = Tokens.parse((await list('limit=1')).body);
    for (const query of ['limit=1', 'cursor=x', `cursor=${nextCursor}`, 'asOf=999999999']) {
      expect((await server.call(server.tokens.beta, 'GET', `${path}?${query}`)).status).toBe(404);
    }
  });
});
