import { startTestPostgres, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectId, StreamId } from '@strata/kernel';
import { LaneUnavailable } from '../append.js';
import { everything, type Sight } from '../event-store.js';
import { LoadGatherer } from './load-gatherer.js';
import { PostgresEventStore } from './postgres-event-store.js';

let postgres: TestPostgres;
let store: PostgresEventStore;
let pool: pg.Pool;
let statements: string[];
let held: Promise<void>;
let release: () => void;
let projects: ProjectId[];

/** The pool itself, counted; statements wait while they are held. */
const counted = (of: pg.Pool): pg.Pool =>
  new Proxy(of, {
    get: (target, member: keyof pg.Pool) =>
      member === 'query'
        ? async (query: pg.QueryConfig) => {
            statements.push(String(query.text));
            if (statements.length <= 2) await held;
            return target.query(query);
          }
        : target[member],
  });

const onlyOf = (project: string): Sight => ({ all: false, nodes: [project] });
const streamOf = (project: string): StreamId => `project-${project}`;

const added = async (): Promise<ProjectId> => {
  const projectId = newId() as ProjectId;
  const verdict = await store.append({
    appendId: newId(),
    mode: 'command',
    streams: [
      {
        stream: streamOf(projectId),
        projectId,
        expectedVersion: 0,
        events: [{ type: 'ProjectCreated', schemaVersion: 1, data: {} }],
      },
    ],
    changes: [{ change: 'project-added', projectId, parentId: null, bindingId: null, name: projectId }],
    meta: { actorId: newId() },
  });
  expect(verdict.status).toBe('committed');
  return projectId;
};

beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  store = new PostgresEventStore({ url: database.api });
  pool = new pg.Pool({ connectionString: database.api, max: 10 });
  projects = await Promise.all(Array.from({ length: 8 }, added));
});
beforeEach(() => {
  statements = [];
  held = Promise.resolve();
});
afterAll(async () => {
  await Promise.all([store.close(), pool.end()]);
  await postgres.stop();
});

const holdTheFirstTwo = () => {
  held = new Promise((resolve) => (release = resolve));
};

describe('loads that wait at the same time', () => {
  it('share statements', async () => {
    const gatherer = new LoadGatherer(counted(pool));
    const loads = Array.from({ length: 96 }, () => gatherer.load({ sight: everything }));
    expect((await Promise.all(loads)).map(({ head }) => head)).toEqual(loads.map(() => String(projects.length)));
    expect(statements).toHaveLength(3);
  });

  it('see with the grants of their own caller, and with no others', async () => {
    const gatherer = new LoadGatherer(counted(pool));
    const streams = projects.map(streamOf);
    const asked = projects.flatMap((projectId) => [
      { projectId, request: { sight: onlyOf(projectId), projectId, streams } },
      { projectId: undefined, request: { sight: onlyOf(newId()), projectId, streams } },
    ]);
    const rows = await Promise.all(asked.map(({ request }) => gatherer.load(request)));
    expect(statements).toHaveLength(1);
    const seen = rows.map((row) => [row.project?.projectId, (row.streams ?? []).map((tuple) => tuple[2])]);
    expect(seen).toEqual(asked.map(({ projectId }) => [projectId, projectId ? [streamOf(projectId)] : []]));
  });

  it('do not share one with a load of many streams', async () => {
    const gatherer = new LoadGatherer(counted(pool));
    const streams = Array.from({ length: 500 }, () => streamOf(newId()));
    const requests = [{}, {}, { streams }, {}].map((request) => ({ ...request, sight: everything }));
    await Promise.all(requests.map((request) => gatherer.load(request)));
    expect(statements).toHaveLength(3);
  });

  it('do not fail with a neighbour that cannot be carried out', async () => {
    const gatherer = new LoadGatherer(counted(pool));
    const projectIds = [projects[0], 'no uuid', projects[1]] as ProjectId[];
    const outcomes = await Promise.allSettled(
      projectIds.map((projectId) => gatherer.load({ sight: everything, projectId })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('do not wait for long ones', async () => {
    const gatherer = new LoadGatherer(counted(pool));
    holdTheFirstTwo();
    const long = Array.from({ length: 64 }, () => gatherer.load({ sight: everything }));
    expect(await gatherer.load({ sight: everything })).toMatchObject({ head: String(projects.length) });
    release();
    await Promise.all(long);
    expect(statements).toHaveLength(3);
  });

  it('all learn that the database is away', async () => {
    const closed = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 1_000 });
    const gatherer = new LoadGatherer(counted(closed));
    const loads = Array.from({ length: 40 }, () => gatherer.load({ sight: everything }));
    const outcomes = await Promise.allSettled(loads);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(LaneUnavailable) as unknown });
    expect(statements).toHaveLength(2);
    await closed.end();
  });
});
