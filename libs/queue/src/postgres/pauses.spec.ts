import { startTestPostgres, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NextStep, ScheduleChange } from '../schedule.js';
import { applyScheduleChanges, PostgresOperationSchedule } from './operation-schedule.js';

let postgres: TestPostgres;
let pool: pg.Pool;
let admin: pg.Pool;
let schedule: PostgresOperationSchedule;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  const database = await postgres.createDatabase();
  pool = new pg.Pool({ connectionString: database.worker, max: 4 });
  admin = new pg.Pool({ connectionString: database.admin, max: 1 });
  schedule = new PostgresOperationSchedule(pool);
});
afterEach(() => Promise.all([pool.end(), admin.end()]));

const apply = (...changes: readonly ScheduleChange[]) =>
  applyScheduleChanges(
    {
      query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        (await pool.query<Row>(sql, [...values])).rows,
    },
    changes,
  );

type Opened = Extract<ScheduleChange, { change: 'open' }>;
const opened = (of: Partial<Opened> = {}): Opened => ({
  ...{ change: 'open', operationId: newId(), projectId: newId(), bindingId: null, kind: 'disk.create', lane: 'send' },
  ...{ deadlineAt: '2030-01-01T00:00:00.000Z', resources: [] },
  ...of,
});
const hour = 3_600_000;
const startMs = Date.now();
const inMs = (ms: number) => new Date(startMs + ms).toISOString();
const paused = (node: string, of: { kind?: string | null; untilMs?: number; pauseId?: string } = {}) => {
  const { kind = null, untilMs = hour, pauseId = newId() } = of;
  return { change: 'pause', pauseId, node, kind, reason: 'service', since: inMs(0), until: inMs(untilMs) } as const;
};
const resumed = (pauseId: string, afterMs = Date.now() - startMs) =>
  ({ change: 'resume', pauseId, at: inMs(afterMs) }) as const;
/** A project below another. */
const projectBelow = async (parent: string) => {
  const id = newId();
  await admin.query(
    `insert into nodes (id, kind, parent_id, path, charge_path) values ($1, 'project', $2, array[$1, $2]::uuid[], array[$1, $2]::uuid[])`,
    [id, parent],
  );
  return id;
};
const admitted = async () =>
  (await schedule.admit({ send: 50, look: 50 }, 50, 60_000)).map(({ operationId }) => operationId);
const waiting = async (operationId: string) => (await schedule.waiting([operationId])).get(operationId)?.waitingFor;
const holdsOf = async (operationId: string) => {
  await pool.query(`update operation_schedule set lease_id = 'mine', lease_until = now() + interval '1 minute'`);
  return (await schedule.recall(operationId, 'mine'))?.holds;
};
const step: NextStep = { lane: 'send', dueInMs: 0, looks: 0, lastSeen: null, waitingFor: null };

describe('a pause', () => {
  it('of a project holds it and what lies below, and nothing beside', async () => {
    const above = newId();
    const [inside, outside] = [opened({ projectId: await projectBelow(above) }), opened()];
    await apply(inside, outside, paused(above));
    expect(await admitted()).toEqual([outside.operationId]);
    expect(await waiting(inside.operationId)).toBe('lock');
  });

  it('holds what is requested after it as well, until it ends', async () => {
    const [binding, pauseId] = [newId(), newId()];
    await apply(paused(binding, { pauseId }));
    const later = opened({ bindingId: binding });
    await apply(later);
    expect([await admitted(), await waiting(later.operationId)]).toEqual([[], 'lock']);
    await apply(resumed(pauseId));
    expect([await admitted(), await waiting(later.operationId)]).toEqual([[later.operationId], null]);
  });

  it('of one kind leaves the others alone', async () => {
    const binding = newId();
    const [creation, deletion] = [opened({ bindingId: binding }), opened({ bindingId: binding, kind: 'disk.delete' })];
    await apply(creation, deletion, paused(binding, { kind: 'disk.create' }));
    expect(await admitted()).toEqual([deletion.operationId]);
  });

  it('ends by itself at its time', async () => {
    const binding = newId();
    const operation = opened({ bindingId: binding });
    await apply(operation, paused(binding, { untilMs: hour }));
    expect([await admitted(), await schedule.nextDueInMs()]).toEqual([[], expect.closeTo(hour, -6)]);
    await pool.query(`update pauses set until = until - interval '61 minutes'`);
    await pool.query(`update operation_schedule set due_at = due_at - interval '61 minutes'`);
    const [step] = await schedule.admit({ send: 1, look: 0 }, 5, 60_000);
    expect(await schedule.recall(operation.operationId, step?.leaseId ?? '')).toMatchObject({ heldBy: null });
  });

  it('lets looks go on, and is told to a step that would send', async () => {
    const [binding, pauseId] = [newId(), newId()];
    const [looking, sending] = [opened({ bindingId: binding, lane: 'look' }), opened({ bindingId: binding })];
    await apply(looking, sending);
    const steps = await schedule.admit({ send: 1, look: 1 }, 5, 60_000);
    await apply(paused(binding, { pauseId }));
    const send = steps.find(({ lane }) => lane === 'send');
    const { operationId = '', leaseId = '' } = send ?? {};
    expect(await schedule.recall(operationId, leaseId)).toMatchObject({ heldBy: pauseId });
    expect(await schedule.heldBy(operationId)).toBe(pauseId);
    await schedule.settle(operationId, leaseId, { ...step, waitingFor: 'lock', heldBy: pauseId });
    expect([await admitted(), await waiting(operationId)]).toEqual([[], 'lock']);
    expect(await waiting(looking.operationId)).toBeNull();
  });

  it('that ends while a step finds itself held holds it no longer', async () => {
    const [binding, pauseId] = [newId(), newId()];
    const operation = opened({ bindingId: binding });
    await apply(operation);
    const [under] = await schedule.admit({ send: 1, look: 0 }, 5, 60_000);
    const { operationId = '', leaseId = '' } = under ?? {};
    await apply(paused(binding, { pauseId }));
    expect(await schedule.recall(operationId, leaseId)).toMatchObject({ heldBy: pauseId });
    await apply(resumed(pauseId));
    await schedule.settle(operationId, leaseId, { ...step, waitingFor: 'lock', heldBy: pauseId });
    expect(await admitted()).toEqual([operationId]);
  });

  it('is counted for what it holds, and not against it once it is over', async () => {
    const [binding, pauseId] = [newId(), newId()];
    const { operationId, ...rest } = opened({ bindingId: binding });
    await apply({ operationId, ...rest }, paused(binding, { pauseId }));
    await apply(resumed(pauseId));
    expect(await holdsOf(operationId)).toEqual([
      { sinceMs: startMs, untilMs: expect.closeTo(Date.now(), -5) as number },
    ]);
  });

  it('is counted the same by a schedule that was lost and made anew from the log', async () => {
    const [binding, pauseId, later] = [newId(), newId(), newId()];
    const operation = opened({ bindingId: binding });
    const log = [
      ...[operation, paused(binding, { pauseId }), resumed(pauseId, 0.5 * hour)],
      ...[paused(binding, { pauseId: later, untilMs: 2 * hour }), resumed(later, 3 * hour)],
    ];
    for (const change of log) await apply(change);
    const [once, twice] = [
      { sinceMs: startMs, untilMs: startMs + 0.5 * hour },
      { sinceMs: startMs, untilMs: startMs + 2 * hour },
    ];
    expect(await holdsOf(operation.operationId)).toEqual([once, twice]);
    for (const lost of ['operation_schedule', 'operation_schedule, pauses']) {
      await admin.query(`truncate ${lost}`);
      await apply(...log);
      expect(await holdsOf(operation.operationId)).toEqual([once, twice]);
    }
  });

  it('is counted, too, when the project has left its place since', async () => {
    const [above, pauseId] = [newId(), newId()];
    const project = await projectBelow(above);
    const operation = opened({ projectId: project });
    await apply(operation, paused(above, { pauseId }));
    await admin.query('update nodes set path = array[id] where id = $1', [project]);
    await apply(resumed(pauseId));
    expect(await holdsOf(operation.operationId)).toHaveLength(1);
  });

  it('that has ended is forgotten after a while, unless it held what is open still', async () => {
    const [binding, held, other] = [newId(), newId(), newId()];
    await apply(
      opened({ bindingId: binding }),
      paused(binding, { pauseId: held }),
      paused(newId(), { pauseId: other }),
    );
    await apply(resumed(held), resumed(other));
    await pool.query(`update pauses set ended_at = ended_at - interval '61 days'`);
    await apply(resumed(newId()));
    expect((await pool.query('select id from pauses')).rows).toEqual([{ id: held }]);
  });

  it('that ended leaves to another what that one holds, too', async () => {
    const [binding, project, first] = [newId(), newId(), newId()];
    await admin.query(
      `insert into nodes (id, kind, path, charge_path) values ($1, 'project', array[$1]::uuid[], array[$1]::uuid[])`,
      [project],
    );
    const second = newId();
    await apply(
      opened({ bindingId: binding, projectId: project }),
      paused(binding, { pauseId: first, untilMs: 2 * hour }),
      paused(project, { pauseId: second }),
    );
    await apply(resumed(first));
    const [again] = await schedule.admit({ send: 1, look: 0 }, 5, 60_000);
    expect(await schedule.recall(again?.operationId ?? '', again?.leaseId ?? '')).toMatchObject({ heldBy: second });
  });
});
