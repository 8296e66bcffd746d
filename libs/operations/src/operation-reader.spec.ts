import { everything, type Loaded, type LoadRequest, type Sight, type StreamAppend } from '@strata/event-store';
import { diskAppend, fact, plantTree, type Tree } from '@strata/event-store/contract';
import { PostgresEventStore, PostgresViewStore } from '@strata/event-store/postgres';
import { OperationId } from '@strata/kernel';
import { startTestPostgres, until, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsualDurations } from './operation-list/usual-durations.js';
import { OperationReader } from './operation-reader.js';
import { OperationWaits } from './operation.ports.js';
import { operationEvent } from './operation/index.js';
import { planOperation } from './request-operation/request-operation.js';

class NoWaits extends OperationWaits {
  override waiting() {
    return Promise.resolve(new Map<string, never>());
  }
}

let queries = 0;
/** Loads of one moment share a query, and yet each reads its stream. */
let loads = 0;
let mostStreams = 0;

class CountedStore extends PostgresEventStore {
  override load(request: LoadRequest): Promise<Loaded> {
    loads += 1;
    mostStreams = Math.max(mostStreams, request.streams?.length ?? 0);
    return super.load(request);
  }
}

let postgres: TestPostgres;
let store: PostgresEventStore;
let writer: PostgresEventStore;
let reader: OperationReader;
let tree: Tree;

beforeAll(async () => {
  postgres = await startTestPostgres();
  const { api, worker } = await postgres.createDatabase();
  [store, writer] = [new CountedStore({ url: api }), new PostgresEventStore({ url: worker })];
  store.pool.on('acquire', () => (queries += 1));
  reader = new OperationReader(store, new NoWaits(), new UsualDurations(new PostgresViewStore(store.pool)));
  tree = await plantTree(writer);
});
afterAll(async () => {
  await Promise.all([store.close(), writer.close()]);
  await postgres.stop();
});

const append = async (...streams: readonly StreamAppend[]): Promise<void> => {
  const { project } = tree;
  expect(await writer.append(diskAppend(project, [], { streams }))).toMatchObject({ status: 'committed' });
};

const request = async (): Promise<OperationId> => {
  const operationId = OperationId.parse(newId());
  const { streams } = planOperation({
    operationId,
    kind: 'disk.refresh',
    projectId: tree.project,
    bindingId: tree.binding,
    target: { type: 'disk', id: newId() },
    input: {},
    resources: [],
  });
  await append(...streams);
  return operationId;
};

const ending = (operationId: string): StreamAppend => ({
  stream: `operation-${operationId}`,
  projectId: tree.project,
  expectedVersion: 1,
  events: [operationEvent('OperationSucceeded', { result: {} })],
});

const sending = (operationId: string): StreamAppend => ({
  ...ending(operationId),
  events: [operationEvent('SendIntended', { attempt: 1, marker: `${operationId}.1`, sendWithinMs: 10_000 })],
});

const longMs = 20_000;
const waitFor = (operationId: string, waitMs = longMs, sight: Sight = everything) =>
  reader.awaitEnd(sight, operationId, waitMs, new AbortController().signal);

describe('waiting for the end of operations', () => {
  it('costs what the log grows, not as much for each that waits', async () => {
    const operations = await Promise.all(Array.from({ length: 100 }, request));
    let answered = 0;
    loads = 0;
    const waiting = operations.map((id) => waitFor(id).finally(() => (answered += 1)));
    await append(ending(operations[0] ?? ''));
    await until('all wait', () => answered === 1);

    queries = 0;
    const commits = 200;
    const noise = () => ({
      stream: `disk-${newId()}` as const,
      projectId: tree.project,
      expectedVersion: 0,
      events: [fact('Noted')],
    });
    for (let n = 0; n < commits; n += 1) await append(noise());
    expect(queries).toBeLessThan(1.5 * commits);
    expect(answered).toBe(1);

    await append(...operations.slice(1).map(ending));
    const found = await Promise.all(waiting);
    expect(found.map((each) => each?.record.state.status)).toEqual(operations.map(() => 'succeeded'));
    // At the beginning, once more when the log grew meanwhile, and in the end.
    expect(loads).toBeLessThanOrEqual(3 * operations.length);
  });

  it('sees an end that comes at any moment of its beginning', async () => {
    for (let round = 0; round < 40; round += 1) {
      const operationId = await request();
      const [found] = await Promise.all([waitFor(operationId), append(ending(operationId))]);
      expect(found?.record.state.status).toBe('succeeded');
    }
  });

  it('ends with the time, and for nobody who may not see it', async () => {
    const operationId = await request();
    expect((await waitFor(operationId, 30))?.record.state.status).toBe('queued');
    expect(await waitFor(operationId, longMs, { all: false, nodes: [tree.other] })).toBeUndefined();
  });
});

describe('a wait that is cut off', () => {
  it('is told how the operation is by then', async () => {
    const operationId = await request();
    const cut = new AbortController();
    loads = 0;
    const waiting = reader.awaitEnd(everything, operationId, longMs, cut.signal);
    await until('it waits', () => loads > 0);
    await append(sending(operationId));
    cut.abort();
    expect((await waiting)?.record.state.status).toBe('running');
  });
});

describe('the parts of what follows a plan', () => {
  it('are read some at a time, and shown all', async () => {
    const parts = await Promise.all(Array.from({ length: 150 }, request));
    const whole = await reader.find(everything, parts[0] ?? '');
    if (!whole) throw new Error('it was requested just now');
    const { record } = whole;
    const target = { type: 'disk', id: newId(), name: 'db' } as const;
    const plan = parts.map((operationId) => ({ operationId, name: 'delete-disk' as const, target }));
    mostStreams = 0;
    const planned = { ...record, state: { ...record.state, plan, parts } };
    const [shown] = await reader.showAll([planned], everything);
    expect(shown?.steps).toHaveLength(150);
    expect(mostStreams).toBe(100);
  });
});
