import { everything, type RecordedEvent, type Sight } from '@strata/event-store';
import { changeAppend, diskAppend, fact, meta, plantTree, type Tree } from '@strata/event-store/contract';
import { PostgresEventStore, PostgresTokenStore } from '@strata/event-store/postgres';
import type { Caller, StreamEvent } from '@strata/http';
import type { ProjectId } from '@strata/kernel';
import { startTestPostgres, until, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { namedInSight } from './event.resource.js';
import { readEvents, type EventScope } from './event-scope.js';
import { followEvents } from './follow-events.js';

let postgres: TestPostgres;
/** As an api and as another process, so that what one writes reaches the other through the database. */
let store: PostgresEventStore;
let writer: PostgresEventStore;
let tree: Tree;
let queries = 0;
let leaving = new AbortController();

beforeAll(async () => {
  postgres = await startTestPostgres();
  const { api, worker } = await postgres.createDatabase();
  [store, writer] = [new PostgresEventStore({ url: api }), new PostgresEventStore({ url: worker })];
  store.pool.on('acquire', () => (queries += 1));
  tree = await plantTree(writer);
});
afterEach(() => {
  leaving.abort();
  leaving = new AbortController();
});
afterAll(async () => {
  await Promise.all([store.close(), writer.close()]);
  await postgres.stop();
});

const caller: Caller = { actorId: newId(), kind: 'service-token', tokenId: newId(), grants: [], platformRoles: [] };
const at = (...nodes: ProjectId[]): Sight => ({ all: false, nodes });

const write = async (projectId: ProjectId, events = 1, operationId?: string): Promise<number> => {
  const streams = [{ stream: `disk-${newId()}`, projectId, expectedVersion: 0 }] as const;
  const facts = Array.from({ length: events }, () => fact('Noted'));
  const verdict = await writer.append({
    ...diskAppend(projectId),
    ...(operationId !== undefined && { meta: { ...meta, operationId } }),
    streams: streams.map((stream) => ({ ...stream, events: facts })),
  });
  if (verdict.status !== 'committed') throw new Error(verdict.status);
  return verdict.position;
};

/** Of a caller whose token is not there: a stream that looked for it would end. */
const opened = (scope: EventScope, after: number): AsyncGenerator<StreamEvent> => {
  const ports = { store, tokens: new PostgresTokenStore(store.pool) };
  return followEvents(ports, scope, { after }, caller, leaving.signal, { tokenCheckMs: 3_600_000 });
};

/** Collects what a stream tells, for as long as the test runs. */
const follow = (scope: EventScope, after: number): number[] => {
  const told: number[] = [];
  const run = async () => {
    for await (const { id } of opened(scope, after)) told.push(Number(id));
  };
  void run();
  return told;
};

/** What the log itself holds of the scope. */
const inLog = async (scope: EventScope, after: number): Promise<number[]> => {
  const { position: head } = await writer.head();
  const events: RecordedEvent[] = [];
  for (let through = after; through < head;) {
    const page = await readEvents(store, scope, through, head, 500);
    events.push(...page.events);
    through = page.through;
  }
  return events.map(({ position }) => position);
};

/** Each names two projects. */
const writeMoves = async (projectId: ProjectId, events: number, fromParentId: ProjectId, parentId: ProjectId) => {
  const move = fact('ProjectMoved', [], { fromParentId, parentId });
  const streams = [{ stream: `project-${newId()}`, projectId, expectedVersion: 0 }] as const;
  const moves = Array.from({ length: events }, () => move);
  const verdict = await writer.append({
    ...diskAppend(projectId),
    streams: streams.map((stream) => ({ ...stream, events: moves })),
  });
  expect(verdict).toMatchObject({ status: 'committed' });
};

const tokenFor = async (projectId: ProjectId): Promise<Caller> => {
  const tokenId = newId();
  const secretHash = 'ab'.repeat(32);
  const token = { tokenId, projectId, actorId: caller.actorId, role: 'viewer', secretHash, expiresAt: null };
  const issued = { change: 'token-issued', ...token } as const;
  expect(await writer.append(changeAppend(projectId, [issued]))).toMatchObject({ status: 'committed' });
  return { ...caller, tokenId };
};

const toldUpTo = (streams: readonly (readonly number[])[], position: number) =>
  until('every stream told the last event', () => streams.every((told) => (told.at(-1) ?? 0) >= position));

describe('a hundred streams', () => {
  it('cost as many queries as the log has commits, not as many as there are streams at each', async () => {
    const { position: after } = await writer.head();
    const operationId = newId();
    const ofProject = { sight: at(tree.team), projectId: tree.project };
    const ofOperation = { sight: at(tree.project), operationId };
    const streams = Array.from({ length: 100 }, (_, n) => follow(n % 2 === 0 ? ofProject : ofOperation, after));
    await toldUpTo(streams, await write(tree.project, 1, operationId));

    const commits = 200;
    queries = 0;
    for (let n = 1; n < commits; n += 1) await write(tree.project, 1, operationId);
    await toldUpTo(streams, await write(tree.project, 1, operationId));
    expect(queries).toBeLessThan(1.5 * commits);

    const expected = await inLog(ofProject, after);
    expect(expected).toHaveLength(commits + 1);
    for (const told of streams) expect(told).toEqual(expected);
  });
});

describe('what events name', () => {
  it('is shown as far as their reader may view it, at one look for a piece of them', async () => {
    const { position: after } = await writer.head();
    await writeMoves(tree.project, 50, tree.other, tree.root);
    const scope = { sight: at(tree.project, tree.other) };
    const ports = { store, tokens: new PostgresTokenStore(store.pool) };
    const stream = followEvents(ports, scope, { after }, caller, leaving.signal);
    const first = await stream.next();
    queries = 0;
    const told = [first.value];
    while (told.length < 50) told.push((await stream.next()).value);
    expect(queries).toBe(0);
    const data = { fromParentId: tree.other, parentId: null };
    expect(told).toEqual(
      told.map(() => expect.objectContaining({ data: expect.objectContaining({ data }) as unknown })),
    );
    await stream.return(undefined);

    const events = await store.read({ sight: scope.sight, after, limit: 500 });
    queries = 0;
    expect(await namedInSight(store, scope.sight, events)).toEqual(new Set([tree.other]));
    expect(queries).toBe(1);
  });
});

describe('a stream', () => {
  it('tells every event once, whenever it is opened while the log grows', async () => {
    const { position: begin } = await writer.head();
    const writing = Array.from({ length: 4 }, async (_, n) => {
      for (let round = 0; round < 40; round += 1) await write(n % 2 === 0 ? tree.project : tree.other, 1 + (round % 7));
    });
    const scope = { sight: everything, projectId: tree.project };
    const opening = Array.from({ length: 40 }, async (_, n) => {
      await until('the log grew', async () => (await store.head()).position >= begin + n * 10);
      const after = begin + n * 5;
      return { after, told: follow(n % 3 === 0 ? { sight: everything } : scope, after), whole: n % 3 === 0 };
    });
    const streams = await Promise.all(opening);
    await Promise.all(writing);
    const last = await write(tree.project);
    await toldUpTo(
      streams.map(({ told }) => told),
      last,
    );
    for (const { after, told, whole } of streams) {
      expect(told).toEqual(await inLog(whole ? { sight: everything } : scope, after));
    }
  });

  it('loses nothing to a reader who does not take it for a while', async () => {
    const { position: after } = await writer.head();
    const scope = { sight: at(tree.root), projectId: tree.project };
    const stream = opened(scope, after);
    const first = await write(tree.project);
    expect((await stream.next()).value).toMatchObject({ id: first });
    for (let n = 0; n < 20; n += 1) await write(tree.project, 100);
    const last = await write(tree.project);
    const told = [first];
    while ((told.at(-1) ?? 0) < last) {
      const next = await stream.next();
      if (next.done === true) break;
      told.push(Number(next.value.id));
    }
    expect(told).toEqual(await inLog(scope, after));
    expect(told).toHaveLength(2_002);
  });

  it('ends with its token, also for a reader who takes long over what was read before', async () => {
    const { project } = tree;
    const reader = await tokenFor(project);
    const { position: after } = await writer.head();
    await write(project, 3);
    const ports = { store, tokens: new PostgresTokenStore(store.pool) };
    const scope = { sight: at(project), projectId: project };
    const stream = followEvents(ports, scope, { after }, reader, leaving.signal, { tokenCheckMs: 0 });
    expect((await stream.next()).value).toMatchObject({ id: after + 1 });
    const revoked = { change: 'token-revoked', tokenId: reader.tokenId } as const;
    expect(await writer.append(changeAppend(project, [revoked]))).toMatchObject({ status: 'committed' });
    expect(await stream.next()).toMatchObject({ done: true });
  });

  it('shows of the tree what its reader’s grants reach, also after a project moved', async () => {
    const { position: after } = await writer.head();
    const { root, team, other, project } = tree;
    const [underTeam, underOther, underRoot] = [team, other, root].map((node) => follow({ sight: at(node) }, after));
    const nobody = follow({ sight: at() }, after);
    const before = await write(project);
    const ofOther = await write(other);
    const foreign = follow({ sight: at(other), projectId: project }, ofOther);
    // What is read after the move is shown by the tree that is then: all of it has to be read before.
    await toldUpTo([underRoot ?? [], underOther ?? []], ofOther);
    await toldUpTo([underTeam ?? []], before);
    const move = changeAppend(root, [{ change: 'project-moved', projectId: project, parentId: other }]);
    expect(await writer.append(move)).toMatchObject({ status: 'committed' });
    const moved = await write(project);
    const end = await write(team);
    await toldUpTo([underRoot ?? [], underTeam ?? []], end);
    await toldUpTo([underOther ?? [], foreign], moved);
    expect({ underTeam, underOther, nobody, foreign }).toEqual({
      underTeam: [before, end],
      underOther: [ofOther, moved],
      nobody: [],
      foreign: [moved],
    });
  });
});
