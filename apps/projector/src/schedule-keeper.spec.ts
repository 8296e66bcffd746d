import { diskKinds } from '@strata/disks';
import { amongAll, EventTypes } from '@strata/event-store';
import { FollowerRunner, PostgresEventStore, PostgresViewStore } from '@strata/event-store/postgres';
import { BindingId, OperationId, ProjectId } from '@strata/kernel';
import { KindRegistry, operationEvent, operationEvents, operationsView } from '@strata/operations';
import { projectEvents } from '@strata/projects';
import { PostgresOperationSchedule } from '@strata/queue/postgres';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScheduleKeeper } from './schedule-keeper.js';

const types = new EventTypes([projectEvents, operationEvents]);
const kinds = new KindRegistry(diskKinds);

let postgres: TestPostgres;
let store: PostgresEventStore;
let views: PostgresViewStore;
let runner: FollowerRunner;
let keeper: ScheduleKeeper;
beforeAll(async () => {
  postgres = await startTestPostgres();
  store = new PostgresEventStore({ url: (await postgres.createDatabase()).worker, types });
  views = new PostgresViewStore(store.pool);
  runner = new FollowerRunner({ pool: store.pool, store, types, projections: [amongAll(operationsView, types)] });
  await runner.start();
  keeper = new ScheduleKeeper({
    views,
    tx: {
      query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        (await store.pool.query<Row>(sql, [...values])).rows,
    },
    rulesOf: (kind) => kinds.rulesOf(kind),
    onFault: (error) => {
      throw error;
    },
  });
});
afterAll(async () => {
  await runner.stop();
  await store.close();
  await postgres.stop();
});

const projectId = ProjectId.parse(newId());
const bindingId = BindingId.parse(newId());
const meta = { actorId: newId() };

const requestOperation = async (diskId: string) => {
  const operationId = OperationId.parse(newId());
  const target = { type: 'disk', id: diskId } as const;
  const request = {
    operationId,
    kind: 'disk.refresh',
    projectId,
    bindingId,
    target,
    input: {},
    partOf: null,
    parts: [],
  };
  const event = operationEvent('OperationRequested', { ...request, retryOf: null });
  const verdict = await store.append({
    appendId: newId(),
    mode: 'fact',
    meta,
    streams: [{ stream: `operation-${operationId}`, projectId, expectedVersion: 0, events: [event] }],
  });
  if (verdict.status !== 'committed') throw new Error(verdict.status);
  await views.waitFor(operationsView.name, verdict.position, 10_000);
  return operationId;
};

describe('the watchdog of the schedule', () => {
  it('puts an open operation that is not scheduled there again, once, with what it works on', async () => {
    const made = { stream: `project-${projectId}` as const, projectId, expectedVersion: 0 };
    await store.append({
      appendId: newId(),
      mode: 'fact',
      meta,
      streams: [{ ...made, events: [{ type: 'ProjectRenamed', schemaVersion: 1, data: { name: 'alpha' } }] }],
      changes: [
        { change: 'binding-added', bindingId },
        { change: 'project-added', projectId, parentId: null, bindingId, name: 'alpha' },
      ],
    });
    const diskId = newId();
    const operationId = await requestOperation(diskId);
    const schedule = new PostgresOperationSchedule(store.pool);
    expect(await schedule.nextDueInMs()).toBeUndefined();
    await keeper.reopen();
    await keeper.reopen();
    const steps = await schedule.admit({ send: 10, look: 10 }, 10, 60_000);
    expect(steps).toMatchObject([{ operationId, projectId, bindingId }]);
    const [step] = steps;
    expect(await schedule.recall(operationId, step?.leaseId ?? '')).toMatchObject({ resources: [`disk-${diskId}`] });
  });
});
