import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProjectId } from '@strata/kernel';
import { changeAppend, newProjectId, plantTree } from '../contract/sample-appends.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { PostgresPeople, PostgresTokenStore } from './token-store.js';

let postgres: TestPostgres;
let store: PostgresEventStore;
let tokens: PostgresTokenStore;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const { api } = await postgres.createDatabase();
  store = new PostgresEventStore({ url: api });
  tokens = new PostgresTokenStore(store.pool);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

const issue = async (projectId: ProjectId, expiresAt: string | null = null) => {
  const token = {
    tokenId: newId(),
    projectId,
    actorId: newId(),
    role: 'operator',
    secretHash: 'a'.repeat(64),
    expiresAt,
  };
  const verdict = await store.append(changeAppend(projectId, [{ change: 'token-issued', ...token }]));
  return { token, verdict };
};

describe('tokens', () => {
  it('are found by their id, and known as revoked in the same commit', async () => {
    const { project } = await plantTree(store);
    const { token, verdict } = await issue(project, '2030-01-01T00:00:00.000Z');
    const found = await tokens.find(token.tokenId);
    expect(found).toMatchObject({ ...token, revokedAt: null });
    expect(verdict).toMatchObject({
      status: 'committed',
      recordedAt: expect.stringContaining(found?.issuedAt.slice(0, 23) ?? ''),
    });
    const revoke = () => store.append(changeAppend(project, [{ change: 'token-revoked', tokenId: token.tokenId }]));
    expect(await revoke()).toMatchObject({ status: 'committed' });
    const revokedAt = (await tokens.find(token.tokenId))?.revokedAt;
    expect(revokedAt).toEqual(expect.any(String));
    await revoke();
    expect((await tokens.find(token.tokenId))?.revokedAt).toBe(revokedAt);
    expect(await tokens.find(newId())).toBeUndefined();
    expect(await tokens.findByActor(token.actorId)).toMatchObject({ tokenId: token.tokenId, revokedAt });
    expect(await tokens.findByActor(newId())).toBeUndefined();
  });

  it('are not issued for a project that does not exist', async () => {
    const { root } = await plantTree(store);
    const unknown = newProjectId();
    const token = {
      tokenId: newId(),
      projectId: unknown,
      actorId: newId(),
      role: 'viewer',
      secretHash: '',
      expiresAt: null,
    };
    const verdict = await store.append(changeAppend(root, [{ change: 'token-issued', ...token }]));
    expect(verdict).toEqual({ status: 'conflict', on: 'tree', what: unknown });
  });

  it('are listed by project to those who see it', async () => {
    const { team, other, project } = await plantTree(store);
    const issued = [await issue(project), await issue(project), await issue(project)].map(({ token }) => token.tokenId);
    const list = async (node: string, after?: string) =>
      (await tokens.list({ sight: { all: false, nodes: [node] }, projectId: project, after, limit: 2 })).map(
        ({ tokenId }) => tokenId,
      );
    expect(await list(team)).toEqual(issued.slice(0, 2));
    expect(await list(team, issued[1])).toEqual(issued.slice(2));
    expect(await list(other)).toEqual([]);
  });
});

describe('people', () => {
  it('are remembered, renamed, and forgotten for good', async () => {
    const people = new PostgresPeople(store.pool);
    const [ada, bob] = [newId(), newId()];
    await people.remember(ada, 'Ada', 'ada@example.org');
    await people.remember(bob, 'Bob');
    await people.remember(ada, 'Ada Lovelace');
    expect(await people.names([ada, bob, newId()])).toEqual(
      new Map([
        [ada, 'Ada Lovelace'],
        [bob, 'Bob'],
      ]),
    );
    await people.forget(ada);
    expect(await people.names([ada, bob])).toEqual(new Map([[bob, 'Bob']]));
  });
});
