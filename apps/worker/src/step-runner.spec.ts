import type { DiskCloud } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { decideDisk, diskCarriers, diskEvents, diskKinds, diskOf, diskStream, findingEvents } from '@strata/disks';
import { EventTypes, everything, TypesHeldBack } from '@strata/event-store';
import { PostgresEventStore } from '@strata/event-store/postgres';
import { BindingId, DiskId, OperationId, ProjectId } from '@strata/kernel';
import { KindRegistry, operationEvent, operationEvents, Pace, type Carrier, type StepPorts } from '@strata/operations';
import { bindingEvents, projectEvents } from '@strata/projects';
import { applyScheduleChanges, PostgresOperationSchedule } from '@strata/queue/postgres';
import { startSimulator, type Simulator } from '@strata/simulator';
import { startTestPostgres, type TestPostgres, until } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { stepRunner } from './step-runner.js';

const leaseMs = 30_000;
const spec = {
  name: 'ledger',
  description: '',
  sizeGiB: 20,
  type: 'SSD',
  availabilityZone: 'eu-de-01',
  tags: {},
  metadata: {},
};

let postgres: TestPostgres;
let simulator: Simulator;
let store: PostgresEventStore;
let cloud: EvsDiskCloud;
let schedule: PostgresOperationSchedule;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  simulator = await startSimulator({ port: 0, jobMs: 0 });
  const database = await postgres.createDatabase();
  const types = new EventTypes([projectEvents, bindingEvents, operationEvents, diskEvents, findingEvents]);
  store = new PostgresEventStore({ url: database.worker, types, poolSize: 4 });
  schedule = new PostgresOperationSchedule(store.pool);
  cloud = new EvsDiskCloud({
    kind: 'evs',
    region: 'eu-de',
    endpoints: { iam: simulator.url, evs: simulator.url },
    cloudProjectId: '0123456789abcdef0123456789abcdef',
    credentials: { domain: 'strata-simulator', user: 'strata', password: 'strata-simulator' },
  });
});
afterEach(async () => {
  await Promise.all([cloud.close(), store.close(), simulator.close()]);
});

/** A disk is asked for, and the first step of its operation admitted. */
const admitted = async () => {
  const [projectId, diskId, bindingId] = [ProjectId.parse(newId()), DiskId.parse(newId()), BindingId.parse(newId())];
  const operationId = OperationId.parse(newId());
  const ids = { projectId, bindingId };
  const meta = { actorId: newId() };
  const added = { type: 'ProjectRenamed', schemaVersion: 1, data: { name: 'alpha' } };
  await store.append({
    appendId: newId(),
    mode: 'command',
    meta,
    streams: [{ stream: `project-${projectId}`, projectId, expectedVersion: 0, events: [added] }],
    changes: [{ change: 'project-added', projectId, parentId: null, bindingId: null, name: 'alpha' }],
  });
  const work = { operationId, shownAs: operationId };
  const absent = diskOf({ stream: diskStream(diskId), version: 0, events: [] });
  const wanted = decideDisk({ type: 'RequestDisk', diskId, ...ids, spec, work }, absent);
  if (!wanted.accepted) throw new Error(wanted.refusal.type);
  const target = { type: 'disk', id: diskId } as const;
  const request = { operationId, kind: 'disk.create', ...ids, target, input: { diskId, ...spec } };
  const requested = operationEvent('OperationRequested', { ...request, partOf: null, parts: [], retryOf: null });
  await store.append({
    appendId: newId(),
    mode: 'command',
    meta,
    streams: [
      { stream: `operation-${operationId}`, projectId, expectedVersion: 0, events: [requested] },
      { stream: diskStream(diskId), projectId, expectedVersion: 0, events: wanted.events },
    ],
  });
  const opened = {
    change: 'open',
    operationId,
    ...ids,
    kind: 'disk.create',
    lane: 'send',
    resources: [diskStream(diskId)],
  } as const;
  const sql = {
    query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await store.pool.query<Row>(text, values && [...values])).rows,
  };
  await applyScheduleChanges(sql, [{ ...opened, deadlineAt: new Date().toISOString() }]);
  const [step] = await schedule.admit({ send: 1, look: 0 }, 1, leaseMs);
  if (step === undefined) throw new Error('nothing was admitted');
  return { jobId: 'job', operationId, projectId, lane: 'send', leaseId: step.leaseId } as const;
};

const typesOf = async (operationId: OperationId) => {
  const { streams } = await store.load({ sight: everything, streams: [`operation-${operationId}`] });
  return streams[0]?.events.map(({ type }) => type);
};

const runner = (change: Partial<StepPorts<DiskCloud>> = {}, stopping = new AbortController().signal) => {
  const kinds = new KindRegistry(diskKinds);
  const carriers = diskCarriers(
    () => Promise.reject(new Error('nothing is swept here')),
    () => Promise.reject(new Error('nothing is given here')),
  );
  const step: Omit<StepPorts<DiskCloud>, 'stillMine' | 'nowMs' | 'heldBy'> = {
    store,
    rulesOf: (kind) => kinds.rulesOf(kind),
    carrierOf: (kind) => carriers.find((each) => each.kind === kind) as Carrier<DiskCloud>,
    cloudOf: () => Promise.resolve(cloud),
    patienceOf: () => ({ sendWithinMs: 10_000, requestTimeoutMs: 15_000, visibilityMs: 120_000 }),
    turnAt: () => Promise.resolve(),
    withUrgency: (_urgency, work) => work(),
    pace: new Pace(0, 100),
    tookMs: () => Promise.resolve([]),
    appearedAfter: () => Promise.resolve(),
    monotonicMs: () => performance.now(),
    random: () => 0,
    passed: () => Promise.resolve(),
    ...change,
  };
  return stepRunner({ schedule, leaseMs, step, stopping });
};

const yesOrNo = [() => true, () => false] as const;

describe('a step', () => {
  it('whose lease ran out in the queue and was given to nobody else takes it up again and sends', async () => {
    const job = await admitted();
    await store.pool.query(`update operation_schedule set lease_until = now() - interval '1 second'`);
    await runner()(job, new AbortController().signal);
    expect(await typesOf(job.operationId)).toEqual([
      'OperationRequested',
      'SendIntended',
      'SendAccepted',
      'OperationSucceeded',
    ]);
  });

  it('whose lease is somebody else’s by now does nothing', async () => {
    const job = await admitted();
    await store.pool.query(`update operation_schedule set lease_id = 'another'`);
    await runner()(job, new AbortController().signal);
    expect(await typesOf(job.operationId)).toEqual(['OperationRequested']);
  });

  it('waits for a late effect by the clock of the log, however wrong its own host’s clock is', async () => {
    const job = await admitted();
    await fetch(`${simulator.url}/_simulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ faults: [{ kind: 'drop-request', times: 1, match: { operation: 'disks.create' } }] }),
    });
    await runner()(job, new AbortController().signal);
    const anHourAhead = Date.now() + 3_600_000;
    vi.spyOn(Date, 'now').mockReturnValue(anHourAhead);
    for (let looks = 0; looks < 4; looks++) {
      await store.pool.query(`update operation_schedule set due_at = now()`);
      const [step] = await schedule.admit({ send: 1, look: 1 }, 1, leaseMs);
      await runner()({ ...job, leaseId: step?.leaseId ?? '' }, new AbortController().signal);
    }
    vi.restoreAllMocks();
    expect(await typesOf(job.operationId)).toEqual(['OperationRequested', 'SendIntended', 'AnswerLost']);
  });

  it('of a worker that stops intends nothing that it would not send, and is due again at once', async () => {
    const job = await admitted();
    const stopping = new AbortController();
    stopping.abort();
    await runner()(job, stopping.signal);
    expect(await typesOf(job.operationId)).toEqual(['OperationRequested']);
    expect(await schedule.nextDueInMs()).toBeLessThanOrEqual(0);
  });

  it('whose worker begins to stop while it waits for its turn begins nothing, and is due again at once', async () => {
    const job = await admitted();
    const stopping = new AbortController();
    const turnAt = () => Promise.resolve(stopping.abort());
    await runner({ turnAt }, stopping.signal)(job, new AbortController().signal);
    expect(await typesOf(job.operationId)).toEqual(['OperationRequested']);
    const [again] = await schedule.admit({ send: 1, look: 0 }, 1, leaseMs);
    await runner()({ ...job, leaseId: again?.leaseId ?? '' }, new AbortController().signal);
    expect(await typesOf(job.operationId)).toContain('OperationSucceeded');
  });

  it('whose worker begins to stop when its intent is recorded sends all the same', async () => {
    const job = await admitted();
    const stopping = new AbortController();
    const passed: StepPorts<DiskCloud>['passed'] = (point) =>
      Promise.resolve(point === 'intent-recorded' ? stopping.abort() : undefined);
    await runner({ passed }, stopping.signal)(job, new AbortController().signal);
    expect(await typesOf(job.operationId)).toContain('OperationSucceeded');
  });

  it('that would stop a follower of an older build sends nothing, and is taken once the follower knows what it emits', async () => {
    const job = await admitted();
    await store.pool.query(
      `insert into follower_state (follower, status, position, knows) values ('older', 'running', 0, '{}')`,
    );
    await expect(runner()(job, new AbortController().signal)).rejects.toThrow(TypesHeldBack);
    expect(await typesOf(job.operationId)).toEqual(['OperationRequested']);
    await store.pool.query(`update follower_state set knows = $1`, [[...operationEvents.names, ...diskEvents.names]]);
    await until('its types are asked for again', () => runner()(job, new AbortController().signal).then(...yesOrNo));
    expect(await typesOf(job.operationId)).toContain('SendAccepted');
  });
});
