import type { ScheduleChange } from '../schedule.js';
import type { ScheduleTransaction } from './operation-schedule.js';

const covers = (row: string): string =>
  `(p.kind is null or p.kind = ${row}.kind)
      and (p.node = ${row}.binding_id
           or p.node = any (array(select unnest(n.path) from nodes n where n.id = ${row}.project_id)))`;

/**
 * The pause in force that holds an operation, of several the one that lasts longest: id and end. `row` is anything with its
 * project, binding and kind.
 */
export const pauseOn = (row: string): string =>
  `select p.id, p.until from pauses p
    where p.ended_at is null and p.until > now() and ${covers(row)}
    order by p.until desc, p.id limit 1`;

/** Of pauses that concern a row, or held it before its project was moved: from when to when each of them, in ms, as JSON. */
export const holdsOn = (row: string): string =>
  `select coalesce(jsonb_agg(jsonb_build_object('sinceMs', extract(epoch from p.since) * 1000,
                             'untilMs', extract(epoch from least(p.until, p.ended_at)) * 1000)), '[]')
     from pauses p where p.id = any(${row}.held_under) or (${covers(row)})`;

const alsoUnder = (held: string, pause: string): string => `array(select distinct unnest(${held} || ${pause}))`;

/** Ends a step that found itself held: due when the pause ends, and at once when that has ended meanwhile. */
export const holdSql = `
update operation_schedule
   set lane = $3, looks = $4, last_seen = $5, waiting_for = 'lock', lease_id = null, lease_until = null,
       due_at = case when nudged then now()
                     else coalesce((select p.until from pauses p where p.id = $6::uuid and p.ended_at is null), now()) end,
       nudged = false, shows_as = null, watched = false, shows_since = null,
       held_by = $6::uuid, held_under = ${alsoUnder('held_under', '$6::uuid')}
 where operation_id = $1 and lease_id = $2`;

/**
 * What was never admitted has sent nothing: it is held at once. All else comes when it is due and is told by its step,
 * which knows whether it would send or only look.
 */
export const applyPauses = async (
  tx: ScheduleTransaction,
  begun: readonly Extract<ScheduleChange, { change: 'pause' }>[],
): Promise<void> => {
  if (begun.length === 0) return;
  await tx.query(
    `insert into pauses (id, node, kind, reason, since, until)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
     on conflict (id) do nothing`,
    [
      begun.map(({ pauseId }) => pauseId),
      begun.map(({ node }) => node),
      begun.map(({ kind }) => kind),
      begun.map(({ reason }) => reason),
      begun.map(({ since }) => since),
      begun.map(({ until }) => until),
    ],
  );
  await tx.query(
    `update operation_schedule s
        set due_at = pause.until, waiting_for = 'lock', held_by = pause.id,
            held_under = ${alsoUnder('s.held_under', 'pause.id')}
       from operation_schedule o cross join lateral (${pauseOn('o')}) pause
      where o.operation_id = s.operation_id and s.lane = 'send' and s.admissions = 0 and s.lease_id is null`,
  );
};

/** No operation waits for so long for anything but pauses, and those that hold one are kept. */
const keptAfterItsEnd = `interval '60 days'`;

/** What they held is due at once; a step that finds another pause in force waits for that one. */
export const applyResumes = async (
  tx: ScheduleTransaction,
  ended: readonly Extract<ScheduleChange, { change: 'resume' }>[],
): Promise<void> => {
  if (ended.length === 0) return;
  const pauseIds = ended.map(({ pauseId }) => pauseId);
  await tx.query(
    `update pauses p set ended_at = e.at from unnest($1::uuid[], $2::timestamptz[]) as e(id, at)
      where p.id = e.id and p.ended_at is null`,
    [pauseIds, ended.map(({ at }) => at)],
  );
  await tx.query(
    `delete from pauses p where p.ended_at < now() - ${keptAfterItsEnd}
        and not exists (select from operation_schedule s where p.id = any(s.held_under))`,
  );
  await tx.query(
    `update operation_schedule
        set nudged = lease_id is not null and lease_until > now(),
            due_at = case when lease_id is not null and lease_until > now() then due_at else now() end,
            waiting_for = null, held_by = null
      where held_by = any($1::uuid[])`,
    [pauseIds],
  );
};
