import type { Pool } from 'pg';
import {
  OperationSchedule,
  type AdmittedStep,
  type Hold,
  type NextStep,
  type ScheduleChange,
  type StepMemory,
  type WaitingFor,
} from '../schedule.js';
import { lanes, type Lane } from '../step-queue.js';
import { applyPauses, applyResumes, holdsOn, holdSql, pauseOn } from './pauses.js';

const settleSql = `
update operation_schedule
   set lane = $3, looks = $5, last_seen = $6, waiting_for = $7, lease_id = null, lease_until = null,
       due_at = now() + case when nudged then 0 else $4::int end * interval '1 millisecond', nudged = false,
       shows_as = null, watched = false, shows_since = null, held_by = null
 where operation_id = $1 and lease_id = $2`;

/** Whether the list is to follow it depends on how many it would follow, this one included. */
const settleShownSql = `
with company as (
  select 1 + count(*) >= $9::int as enough
    from (select from operation_schedule other join operation_schedule own on own.binding_id = other.binding_id
           where own.operation_id = $1 and other.shows_as is not null and other.operation_id <> $1 limit $9::int - 1) others
)
update operation_schedule
   set lane = $3, looks = $5, last_seen = $6, waiting_for = $7, lease_id = null, lease_until = null,
       due_at = now() + case when nudged then 0 when company.enough then $10::int else $4::int end * interval '1 millisecond',
       nudged = false, shows_as = $8, watched = company.enough, shows_since = coalesce(shows_since, now()),
       held_by = null
  from company
 where operation_id = $1 and lease_id = $2`;

interface AdmittedRow {
  readonly operation_id: string;
  readonly project_id: string;
  readonly binding_id: string | null;
  readonly lane: Lane;
  readonly lease_id: string;
  readonly admissions: number;
}

interface RecalledRow {
  readonly looks: number;
  readonly last_seen: StepMemory['lastSeen'];
  readonly resources: readonly string[];
  readonly lease_left_ms: number;
  readonly now_ms: number;
  readonly held_by: string | null;
  readonly holds: readonly Hold[];
}

const noProject = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Needs the role of workers: the schedule belongs to no project's eyes. */
export class PostgresOperationSchedule extends OperationSchedule {
  private readonly servedLast: Record<Lane, string> = { send: noProject, look: noProject };

  constructor(private readonly pool: Pool) {
    super();
  }

  override async admit(
    room: Readonly<Record<Lane, number>>,
    perProject: number,
    leaseMs: number,
  ): Promise<readonly AdmittedStep[]> {
    const admitted: AdmittedStep[] = [];
    for (const lane of lanes) {
      if (room[lane] > 0) admitted.push(...(await this.admitTo(lane, room[lane], perProject, leaseMs)));
    }
    return admitted;
  }

  private async admitTo(lane: Lane, room: number, perProject: number, leaseMs: number): Promise<AdmittedStep[]> {
    const values = [lane, room, perProject, this.servedLast[lane], leaseMs];
    const { rows } = await this.pool.query<AdmittedRow>({
      name: 'admit',
      text: 'select * from admit_steps($1, $2, $3, $4, $5)',
      values,
    });
    this.servedLast[lane] = rows.at(-1)?.project_id ?? this.servedLast[lane];
    return rows.map((row) => ({
      operationId: row.operation_id,
      projectId: row.project_id,
      bindingId: row.binding_id,
      lane: row.lane,
      leaseId: row.lease_id,
      admissions: row.admissions,
    }));
  }

  override async giveBack(steps: readonly AdmittedStep[]): Promise<void> {
    await this.pool.query({
      name: 'give-back-steps',
      text: `update operation_schedule s set lease_id = null, lease_until = null, due_at = now()
               from unnest($1::uuid[], $2::text[]) as given(operation_id, lease_id)
              where s.operation_id = given.operation_id and s.lease_id = given.lease_id`,
      values: [steps.map(({ operationId }) => operationId), steps.map(({ leaseId }) => leaseId)],
    });
  }

  override async renew(operationId: string, leaseId: string, leaseMs: number): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'renew-lease',
      text: `update operation_schedule
                set lease_until = now() + $3::int * interval '1 millisecond', due_at = now() + $3::int * interval '1 millisecond'
              where operation_id = $1 and lease_id = $2`,
      values: [operationId, leaseId, leaseMs],
    });
    return rowCount === 1;
  }

  override async recall(operationId: string, leaseId: string): Promise<StepMemory | undefined> {
    const { rows } = await this.pool.query<RecalledRow>({
      name: 'recall-step',
      text: `select s.looks, s.last_seen, s.resources,
                    (extract(epoch from s.lease_until - now()) * 1000)::float8 as lease_left_ms,
                    (extract(epoch from now()) * 1000)::float8 as now_ms, pause.id as held_by,
                    (${holdsOn('s')}) as holds
               from operation_schedule s left join lateral (${pauseOn('s')}) pause on true
              where s.operation_id = $1 and s.lease_id = $2`,
      values: [operationId, leaseId],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const { looks, last_seen: lastSeen, resources, lease_left_ms: leaseLeftMs, now_ms: nowMs } = row;
    return { looks, lastSeen, resources, leaseLeftMs, nowMs, heldBy: row.held_by, holds: row.holds };
  }

  override async heldBy(operationId: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ held_by: string }>({
      name: 'held-by',
      text: `select pause.id as held_by from operation_schedule s cross join lateral (${pauseOn('s')}) pause
              where s.operation_id = $1`,
      values: [operationId],
    });
    return rows[0]?.held_by ?? null;
  }

  override async settle(operationId: string, leaseId: string, next: NextStep): Promise<void> {
    const { lane, dueInMs, looks, lastSeen, waitingFor, shown, heldBy = null } = next;
    const step = [operationId, leaseId, lane, dueInMs, looks, lastSeen, waitingFor];
    if (heldBy !== null)
      await this.pool.query({
        name: 'hold-step',
        text: holdSql,
        values: [operationId, leaseId, lane, looks, lastSeen, heldBy],
      });
    else if (shown === undefined) await this.pool.query({ name: 'settle-step', text: settleSql, values: step });
    else
      await this.pool.query({
        name: 'settle-shown-step',
        text: settleShownSql,
        values: [...step, shown.as, shown.fromMany, shown.dueInMs],
      });
  }

  override async drop(operationId: string, leaseId: string): Promise<void> {
    await this.pool.query({
      name: 'drop-step',
      text: 'delete from operation_schedule where operation_id = $1 and lease_id = $2',
      values: [operationId, leaseId],
    });
  }

  override async waiting(
    operationIds: readonly string[],
  ): Promise<ReadonlyMap<string, { waitingFor: WaitingFor | null; dueAt: Date }>> {
    const { rows } = await this.pool.query<{ operation_id: string; waiting_for: WaitingFor | null; due_at: Date }>({
      name: 'waiting-operations',
      text: 'select operation_id, waiting_for, due_at from operation_schedule where operation_id = any($1::uuid[])',
      values: [operationIds],
    });
    return new Map(rows.map((row) => [row.operation_id, { waitingFor: row.waiting_for, dueAt: row.due_at }]));
  }

  override async nextDueInMs(): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ in_ms: number | null }>({
      name: 'next-due',
      text: 'select next_due_in_ms() as in_ms',
    });
    return rows[0]?.in_ms ?? undefined;
  }
}

/** Anything that runs SQL in a transaction that also moves a follower's checkpoint. */
export interface ScheduleTransaction {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** Brings the schedule to what the log says. In order: an operation that opens and closes among them leaves nothing. */
export const applyScheduleChanges = async (
  tx: ScheduleTransaction,
  changes: readonly ScheduleChange[],
): Promise<void> => {
  await applyPauses(
    tx,
    changes.flatMap((each) => (each.change === 'pause' ? [each] : [])),
  );
  const closed = new Set(changes.flatMap((each) => (each.change === 'close' ? [each.operationId] : [])));
  const opened = changes.flatMap((each) => (each.change === 'open' && !closed.has(each.operationId) ? [each] : []));
  const nudged = changes.flatMap((each) => (each.change === 'due-now' && !closed.has(each.operationId) ? [each] : []));
  if (opened.length > 0)
    await tx.query(
      `insert into operation_schedule (operation_id, project_id, binding_id, kind, lane, deadline_at, resources,
                                       due_at, waiting_for, held_by, held_under)
       select o.operation_id, o.project_id, o.binding_id, o.kind, o.lane, o.deadline,
              (select coalesce(array_agg(stream), '{}') from jsonb_array_elements_text(o.resources) as stream),
              coalesce(pause.until, now()), case when pause.id is not null then 'lock' end, pause.id,
              case when pause.id is null then '{}' else array[pause.id] end
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::jsonb[], $7::text[])
           as o(operation_id, project_id, binding_id, lane, deadline, resources, kind)
         left join lateral (${pauseOn('o')}) pause on o.lane = 'send'
       on conflict (operation_id) do nothing`,
      [
        opened.map(({ operationId }) => operationId),
        opened.map(({ projectId }) => projectId),
        opened.map(({ bindingId }) => bindingId),
        opened.map(({ lane }) => lane),
        opened.map(({ deadlineAt }) => deadlineAt),
        opened.map(({ resources }) => JSON.stringify(resources)),
        opened.map(({ kind }) => kind),
      ],
    );
  if (nudged.length > 0)
    await tx.query(
      `update operation_schedule
          set nudged = lease_id is not null and lease_until > now(),
              due_at = case when lease_id is not null and lease_until > now() then due_at else now() end
        where operation_id = any($1::uuid[])`,
      [nudged.map(({ operationId }) => operationId)],
    );
  await applyResumes(
    tx,
    changes.flatMap((each) => (each.change === 'resume' ? [each] : [])),
  );
  if (closed.size > 0)
    await tx.query('delete from operation_schedule where operation_id = any($1::uuid[])', [[...closed]]);
};
