import { diskKinds } from '@strata/disks';
import { amongAll, EventTypes } from '@strata/event-store';
import { FollowerRunner, PostgresEventStore, PostgresViewStore } from '@strata/event-store/postgres';
import { BindingId, OperationId, ProjectId, type JsonObject } from '@strata/kernel';
import {
  KindRegistry,
  operationEvent,
  operationEvents,
  operationsView,
  type OperationEvent,
  type Target,
} from '@strata/operations';
import { projectEvents } from '@strata/projects';
import { PostgresOperationSchedule } from '@strata/queue/postgres';
import { kindsWithSnapshots } from '@strata/snapshots';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ScheduleKeeper } from './schedule-keeper.js';

const types = new EventTypes([projectEvents, operationEvents]);
const everyKind = kindsWithSnapshots(diskKinds);
const kinds = new KindRegistry(everyKind);
const projectId = ProjectId.parse(newId());
const bindingId = BindingId.parse(newId());
const meta = { actorId: newId() };

let postgres: TestPostgres;
let store: PostgresEventStore;
let views: PostgresViewStore;
let runner: FollowerRunner;
let schedule: PostgresOperationSchedule;
let keeper: ScheduleKeeper;
let stillLost: string[];
beforeAll(async () => {
  postgres = await startTestPostgres();
  store = new PostgresEventStore({ url: (await postgres.createDatabase()).worker, types });
  views = new PostgresViewStore(store.pool);
  runner = new FollowerRunner({ pool: store.pool, store, types, projections: [amongAll(operationsView, types)] });
  await runner.start();
  schedule = new PostgresOperationSchedule(store.pool);
  keeper = new ScheduleKeeper({
    store,
    views,
    schedule,
    tx: {
      query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        (await store.pool.query<Row>(sql, [...values])).rows,
    },
    rulesOf: (kind) => kinds.rulesOf(kind),
    onStillLost: (operationId) => stillLost.push(operationId),
    onFault: (error) => {
      throw error;
    },
  });
  await store.append({
    appendId: newId(),
    mode: 'fact',
    meta,
    streams: [
      {
        stream: `project-${projectId}`,
        projectId,
        expectedVersion: 0,
        events: [{ type: 'ProjectRenamed', schemaVersion: 1, data: { name: 'alpha' } }],
      },
    ],
    changes: [
      { change: 'binding-added', bindingId },
      { change: 'project-added', projectId, parentId: null, bindingId, name: 'alpha' },
    ],
  });
});
beforeEach(() => {
  stillLost = [];
});
afterAll(async () => {
  await runner.stop();
  await store.close();
  await postgres.stop();
});

interface Asked {
  readonly kind: string;
  readonly target: Target;
  readonly input?: JsonObject;
  readonly parts?: readonly OperationId[];
}

/** In the log, and in no schedule. */
const requested = async (asked: Asked, ...more: readonly OperationEvent[]): Promise<OperationId> => {
  const operationId = OperationId.parse(newId());
  const request = operationEvent('OperationRequested', {
    ...{ operationId, projectId, bindingId, partOf: null, retryOf: null, input: {} },
    ...asked,
    parts: [...(asked.parts ?? [])],
  });
  const verdict = await store.append({
    appendId: newId(),
    mode: 'fact',
    meta,
    streams: [{ stream: `operation-${operationId}`, projectId, expectedVersion: 0, events: [request, ...more] }],
  });
  if (verdict.status !== 'committed') throw new Error(verdict.status);
  await views.waitFor(operationsView.name, verdict.position, 10_000);
  return operationId;
};

/** What each operation works on, as its step will be told; all that is due is taken. */
const resourcesOfDue = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
  const steps = await schedule.admit({ send: 100, look: 100 }, 100, 600_000);
  const recalled = steps.map(async ({ operationId, leaseId }) => {
    const memory = await schedule.recall(operationId, leaseId);
    return [operationId, memory?.resources ?? []] as const;
  });
  return new Map(await Promise.all(recalled));
};

const diskId = newId();
const snapshotId = newId();
const transferId = newId();
const disk: Target = { type: 'disk', id: diskId };
const snapshot: Target = { type: 'snapshot', id: snapshotId };
const binding: Target = { type: 'binding', id: bindingId };
const stranger = { findingId: newId(), cloudId: 'stranger', resource: 'snapshot', diskId };
const unseen = { type: null, availabilityZone: null, marker: null };
const seen = { name: 'left', sizeGiB: 1, createdAt: '2026-01-01T00:00:00.000Z', ...unseen };
const changed = { diskId, cloudId: 'stranger', change: { name: 'before' } };
const found = `finding-${bindingId}-stranger`;

/** Of every kind: a request with what its streams follow from, and these; `participation` goes by the id of the operation. */
const requests: readonly (Asked & { readonly resources: readonly string[] })[] = [
  { kind: 'disk.create', target: disk, resources: [`disk-${diskId}`] },
  {
    kind: 'disk.create',
    target: disk,
    input: { source: { snapshotId } },
    resources: [`disk-${diskId}`, `snapshot-${snapshotId}`],
  },
  {
    kind: 'disk.adopt',
    target: disk,
    input: { diskId, bindingId, cloudId: 'stranger', name: null, markerBefore: null },
    resources: [`disk-${diskId}`, found],
  },
  ...['extend', 'retype', 'attach', 'detach', 'image'].map((verb) => ({
    ...{ kind: `disk.${verb}`, target: disk, resources: [`disk-${diskId}`] },
  })),
  { kind: 'disk.update', target: disk, input: changed, resources: [`disk-${diskId}`] },
  {
    kind: 'disk.update',
    target: disk,
    input: { ...changed, findingId: stranger.findingId },
    resources: [`disk-${diskId}`, found],
  },
  ...['refresh', 'recreate', 'delete'].map((verb) => ({
    ...{ kind: `disk.${verb}`, target: disk, input: { diskId, cloudId: 'stranger' } },
    resources: [`disk-${diskId}`, found],
  })),
  {
    kind: 'disk.transfer',
    target: disk,
    input: { diskId, transferId },
    resources: [`disk-${diskId}`, `transfer-${transferId}`, 'participation'],
  },
  ...['check', 'sweep', 'import'].map((verb) => ({ kind: `binding.${verb}`, target: binding, resources: [] })),
  {
    kind: 'finding.remove',
    target: binding,
    input: { ...stranger, seen },
    resources: [found, `disk-${diskId}`],
  },
  {
    kind: 'snapshot.delete',
    target: snapshot,
    input: { snapshotId, diskId, cloudId: 'stranger' },
    resources: [`snapshot-${snapshotId}`, `disk-${diskId}`, found],
  },
  ...['create', 'rollback'].map((verb) => ({
    ...{ kind: `snapshot.${verb}`, target: snapshot, input: { snapshotId, diskId } },
    resources: [`snapshot-${snapshotId}`, `disk-${diskId}`],
  })),
  {
    kind: 'snapshot.update',
    target: snapshot,
    input: { snapshotId, diskId },
    resources: [`snapshot-${snapshotId}`],
  },
  {
    kind: 'snapshot.create',
    target: { type: 'snapshots', ids: [snapshotId] },
    parts: [OperationId.parse(newId())],
    resources: [],
  },
];

describe('the watchdog of the schedule', () => {
  it('is tried with every kind of operation', () => {
    expect(new Set(requests.map(({ kind }) => kind))).toEqual(new Set(everyKind.map(({ kind }) => kind)));
  });

  it.each(requests)(
    'puts $kind there again, once, with what it works on: $resources',
    async ({ resources, ...asked }) => {
      const operationId = await requested(asked);
      await keeper.reopen();
      await keeper.reopen();
      const due = await resourcesOfDue();
      const expected = resources.map((name) => (name === 'participation' ? `participation-${operationId}` : name));
      expect([...due]).toEqual([[operationId, expected]]);
    },
  );

  it('puts what is under way there again, and nothing that has ended', async () => {
    const asked = { kind: 'snapshot.create', target: snapshot, input: { snapshotId, diskId } };
    const intended = operationEvent('SendIntended', { attempt: 1, marker: 'marker', sendWithinMs: 1_000 });
    const running = await requested(asked, intended);
    await requested(asked, operationEvent('OperationCancelled', {}));
    await keeper.reopen();
    expect([...(await resourcesOfDue()).keys()]).toEqual([running]);
  });

  it('names an operation that it cannot put there, and goes on with the others', async () => {
    const unknown = await requested({ kind: 'disk.levitate', target: disk });
    const unreadable = await requested({ kind: 'snapshot.delete', target: snapshot });
    const sound = await requested({ kind: 'disk.extend', target: disk });
    await keeper.reopen();
    expect([...(await resourcesOfDue()).keys()]).toEqual([sound]);
    expect(new Set(stillLost)).toEqual(new Set([unknown, unreadable]));
  });
});
