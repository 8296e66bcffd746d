import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ScheduleChange } from '../schedule.js';
import { applyScheduleChanges, PostgresOperationSchedule } from './operation-schedule.js';
import { PostgresShownOperations } from './shown-operations.js';

let postgres: TestPostgres;
let database: TestDatabase;
let pool: pg.Pool;
let schedule: PostgresOperationSchedule;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
  pool = new pg.Pool({ connectionString: database.worker, max: 8 });
  schedule = new PostgresOperationSchedule(pool);
});
afterEach(async () => {
  await pool.end();
});

const apply = (changes: readonly ScheduleChange[]) =>
  applyScheduleChanges(
    {
      query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        (await pool.query<Row>(sql, [...values])).rows,
    },
    changes,
  );
const opened = (projectId: string, operationId = newId()): Extract<ScheduleChange, { change: 'open' }> => ({
  change: 'open',
  operationId,
  projectId,
  bindingId: null,
  kind: 'disk.create',
  lane: 'send',
  deadlineAt: '2030-01-01T00:00:00.000Z',
  resources: [`disk-${operationId}`],
});
const many = (count: number, projectId: string) => Array.from({ length: count }, () => opened(projectId));
const lookLater = { lane: 'look', dueInMs: 60_000, looks: 1, lastSeen: { emptyLooks: 1 }, waitingFor: null } as const;

describe('the schedule of operations', () => {
  it('lets one request of a project wait two rounds at most behind a thousand of another', async () => {
    await apply(many(1000, newId()));
    const small = newId();
    await apply([opened(small)]);
    const first = await schedule.admit({ send: 10, look: 0 }, 50, 60_000);
    const second = await schedule.admit({ send: 10, look: 0 }, 50, 60_000);
    expect([...first, ...second].map(({ projectId }) => projectId)).toContain(small);
  });

  it('serves every project in turn even with room for one job only', async () => {
    const projects = Array.from({ length: 5 }, () => newId());
    await apply(projects.flatMap((projectId) => many(20, projectId)));
    const served: string[] = [];
    for (let round = 0; round < 5; round++)
      served.push(...(await schedule.admit({ send: 1, look: 0 }, 50, 60_000)).map(({ projectId }) => projectId));
    expect(new Set(served).size).toBe(5);
  });

  it('goes on to the projects that can be served past those that have all their jobs', async () => {
    const [busy, other] = [newId(), newId()].sort();
    await apply(many(30, busy ?? ''));
    await schedule.admit({ send: 100, look: 0 }, 7, 60_000);
    await apply([opened(other ?? '')]);
    const admitted = await new PostgresOperationSchedule(pool).admit({ send: 1, look: 0 }, 7, 60_000);
    expect(admitted.map(({ projectId }) => projectId)).toEqual([other]);
  });

  it('looks at no more rows when more projects wait, also where the planner takes the schedule for empty', async () => {
    const one = new pg.Pool({ connectionString: database.worker, max: 1 });
    const admin = new pg.Client({ connectionString: database.admin });
    await admin.connect();
    await apply([opened(newId())]);
    await admin.query('analyze operation_schedule');
    await admin.end();
    /** Rows and entries of indexes that one admission read. */
    const readBy = async (admission: () => Promise<unknown>): Promise<number> => {
      await one.query('begin');
      await admission();
      const { rows } = await one.query<{ read: string }>(
        `select sum(pg_stat_get_xact_tuples_returned(c.oid)) as read from pg_class c
          where c.oid = 'operation_schedule'::regclass
             or c.oid in (select indexrelid from pg_index where indrelid = 'operation_schedule'::regclass)`,
      );
      await one.query('commit');
      return Number(rows[0]?.read);
    };
    const admission = () => new PostgresOperationSchedule(one).admit({ send: 10, look: 0 }, 50, 60_000);
    const waiting = (projects: number) => apply(Array.from({ length: projects }, () => opened(newId())));
    await waiting(50);
    expect(await readBy(admission)).toBeLessThan(200);
    await waiting(2_000);
    expect(await readBy(admission)).toBeLessThan(200);
    await one.end();
  });

  it('bounds the queued jobs of a project, not its operations', async () => {
    await apply(many(30, newId()));
    expect(await schedule.admit({ send: 100, look: 0 }, 7, 60_000)).toHaveLength(7);
    expect(await schedule.admit({ send: 100, look: 0 }, 7, 60_000)).toHaveLength(0);
  });

  it('admits a step to one dispatcher only, however many ask at once', async () => {
    await apply(many(200, newId()));
    const others = Array.from({ length: 6 }, () => new PostgresOperationSchedule(pool));
    const admitted = (await Promise.all(others.map((each) => each.admit({ send: 60, look: 0 }, 500, 60_000)))).flat();
    expect(new Set(admitted.map(({ operationId }) => operationId)).size).toBe(admitted.length);
  });

  it('admits a step again under a new lease when its lease ran out, and ignores the old one', async () => {
    await apply([opened(newId())]);
    const [first] = await schedule.admit({ send: 1, look: 0 }, 5, 0);
    const [second] = await schedule.admit({ send: 1, look: 0 }, 5, 60_000);
    expect(second).toMatchObject({ operationId: first?.operationId, admissions: 2 });
    await schedule.settle(first?.operationId ?? '', first?.leaseId ?? '', lookLater);
    expect(await schedule.renew(second?.operationId ?? '', second?.leaseId ?? '', 60_000)).toBe(true);
    expect(await schedule.recall(first?.operationId ?? '', first?.leaseId ?? '')).toBeUndefined();
  });

  it('remembers what was last seen until the step is due again', async () => {
    await apply([opened(newId())]);
    const [step] = await schedule.admit({ send: 1, look: 1 }, 5, 60_000);
    const { operationId = '', leaseId = '' } = step ?? {};
    await schedule.settle(operationId, leaseId, { ...lookLater, dueInMs: 0 });
    const [again] = await schedule.admit({ send: 1, look: 1 }, 5, 60_000);
    expect(again?.lane).toBe('look');
    expect(await schedule.recall(operationId, again?.leaseId ?? '')).toEqual({
      looks: 1,
      lastSeen: { emptyLooks: 1 },
      resources: [`disk-${operationId}`],
      leaseLeftMs: expect.closeTo(60_000, -4) as number,
      nowMs: expect.closeTo(Date.now(), -5) as number,
      heldBy: null,
      holds: [],
    });
  });

  it('loses no nudge that comes while a step is under way', async () => {
    await apply([opened(newId())]);
    const [step] = await schedule.admit({ send: 1, look: 1 }, 5, 60_000);
    const { operationId = '', leaseId = '' } = step ?? {};
    await apply([{ change: 'due-now', operationId }]);
    await schedule.settle(operationId, leaseId, lookLater);
    expect(await schedule.admit({ send: 1, look: 1 }, 5, 60_000)).toHaveLength(1);
  });

  it('keeps nothing of an operation that has ended', async () => {
    const operationId = newId();
    await apply([opened(newId(), operationId), { change: 'close', operationId }]);
    expect(await schedule.nextDueInMs()).toBeUndefined();
  });
});

describe('operations that a list of the cloud shows', () => {
  const bindingId = newId();
  const shownAs = (as: string, fromMany: number) => ({
    ...lookLater,
    dueInMs: 0,
    shown: { as, fromMany, dueInMs: 60_000 },
  });

  /** So many operations of the binding, each sent and settled. */
  const settled = async (markers: readonly string[], fromMany: number) => {
    await apply(markers.map(() => ({ ...opened(newId()), bindingId })));
    const steps = await schedule.admit({ send: markers.length, look: 0 }, 50, 60_000);
    for (const [index, { operationId, leaseId }] of steps.entries())
      await schedule.settle(operationId, leaseId, shownAs(markers[index] ?? '', fromMany));
  };
  const due = async () => (await schedule.admit({ send: 0, look: 100 }, 100, 60_000)).length;

  it('are each due by themselves while they are few, and late from there on', async () => {
    await settled(['a', 'b', 'c', 'd'], 3);
    expect(await due()).toBe(2);
    const [following] = await new PostgresShownOperations(pool).following();
    expect(following).toMatchObject({ bindingId, markers: expect.arrayContaining(['c', 'd']) as string[] });
    expect(following?.markers).toHaveLength(2);
  });

  it('are due when the list shows them as through, and are followed no longer', async () => {
    const shown = new PostgresShownOperations(pool);
    await settled(['a', 'b'], 1);
    expect(await due()).toBe(0);
    expect(await shown.through(bindingId, ['a', 'elsewhere'])).toBe(1);
    expect(await shown.through(newId(), ['b'])).toBe(0);
    const [step] = await schedule.admit({ send: 0, look: 100 }, 100, 60_000);
    expect(await schedule.recall(step?.operationId ?? '', step?.leaseId ?? '')).toMatchObject({
      lastSeen: { emptyLooks: 1, through: true },
    });
    expect(await shown.following()).toMatchObject([{ markers: ['b'] }]);
  });

  it('are left to the step that looks at them already', async () => {
    const shown = new PostgresShownOperations(pool);
    await settled(['a'], 1);
    await pool.query('update operation_schedule set due_at = now()');
    expect(await due()).toBe(1);
    expect(await shown.through(bindingId, ['a'])).toBe(0);
  });

  it('are not shown any more once a step leaves them otherwise', async () => {
    await settled(['a'], 1);
    await pool.query('update operation_schedule set due_at = now()');
    const [step] = await schedule.admit({ send: 0, look: 1 }, 5, 60_000);
    await schedule.settle(step?.operationId ?? '', step?.leaseId ?? '', lookLater);
    expect(await new PostgresShownOperations(pool).following()).toEqual([]);
  });
});
