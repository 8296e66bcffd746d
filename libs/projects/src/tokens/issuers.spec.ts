import { PostgresTokenStore, type PostgresEventStore } from '@strata/event-store/postgres';
import { ProjectId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestServer } from '../contract/index.js';
import { issuersOf } from './issuers.js';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.close());

const issued = async (by: string, projectId: string = server.seeded.projects.root) => {
  const body = { name: 'somebody', role: 'platform-admin' };
  const reply = await server.call(by, 'POST', `/v1/projects/${projectId}/tokens`, { body });
  expect(reply.status).toBe(201);
  const { token, id, actor } = reply.body as { token: string; id: string; actor: { id: string } };
  return { token, tokenId: id, actorId: actor.id };
};
const issuers = (actorId: string) =>
  issuersOf(
    { store: server.store, tokens: new PostgresTokenStore((server.store as PostgresEventStore).pool) },
    actorId,
  );

it('the issuers of a token are told to the first, through tokens that were revoked and projects that are gone', async () => {
  const { platformAdmin } = server.tokens;
  const first = String((await server.call(platformAdmin, 'GET', '/v1/me')).body['id']);
  const another = await server.call(platformAdmin, 'POST', '/v1/projects', { body: { name: 'another root' } });
  const root = String(another.body['id']);
  const anna = await issued(platformAdmin, root);
  const ben = await issued(anna.token);
  const carl = await issued(ben.token);
  const path = `/v1/projects/${server.seeded.projects.root}/tokens/${ben.tokenId}`;
  expect((await server.call(carl.token, 'DELETE', path)).status).toBe(204);
  expect((await server.call(platformAdmin, 'DELETE', `/v1/projects/${root}`)).status).toBe(204);
  expect(await issuers(carl.actorId)).toEqual([ben.actorId, anna.actorId, first]);
  expect(await issuers(first)).toEqual([]);
});

it('nobody passes for one whom the installation let in, when it is not known who issued the token', async () => {
  const projectId = ProjectId.parse(server.seeded.projects.root);
  const token = {
    tokenId: newId(),
    projectId,
    actorId: newId(),
    role: 'platform-admin',
    secretHash: '',
  };
  const event = { type: 'ProjectRenamed', schemaVersion: 1, data: { name: 'no token' } };
  const verdict = await server.store.append({
    appendId: newId(),
    mode: 'command',
    streams: [{ stream: `project-${newId()}`, projectId, expectedVersion: 0, events: [event] }],
    changes: [{ change: 'token-issued', ...token, expiresAt: null }],
    meta: { actorId: newId() },
  });
  expect(verdict.status).toBe('committed');
  await expect(issuers(token.actorId)).rejects.toThrow('nobody knows who issued the token');
  await expect(issuers(newId())).rejects.toThrow('nobody knows who issued the token');
});
