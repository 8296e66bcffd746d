-- Admission looks at what it admits and at little else, however many projects wait and whatever the planner takes the schedule for:
-- that is empty most of the time, and its statistics are of then. A step is found by its project; an index by the time alone
-- looks as good for that in a table of one row, and is read whole for each project.
drop index operation_schedule_due;
drop index operation_schedule_of_project;
create index operation_schedule_soonest on operation_schedule ((due_at at time zone 'UTC'));

-- One round over the projects per turn: first the first due step of each, beginning behind the project that was served last, then
-- the second of each … No more projects are walked to than there is room for, not counting those that have p_per_project jobs
-- already, and of a project no more steps are looked at than twice its share: where others leave room, the next admission fills it.
-- An admitted step is due again when its lease runs out. In the order of turns.
create function admit_steps(p_lane text, p_room int, p_per_project int, p_served_last uuid, p_lease_ms int)
returns table (operation_id uuid, project_id uuid, binding_id uuid, lane text, lease_id text, admissions int)
language plpgsql volatile security invoker
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  chosen record;
begin
  for chosen in
    with recursive ring as (
      select p_served_last as project_id, false as wrapped, 0 as free, 0 as serving
      union all
      select next.project_id, next.wrapped, queued.free, r.serving + (queued.free > 0)::int
      from ring r
      cross join lateral (
        (select s.project_id, r.wrapped from operation_schedule s
          where s.lane = p_lane and s.project_id > r.project_id
            and s.project_id <= case when r.wrapped then p_served_last else 'ffffffff-ffff-ffff-ffff-ffffffffffff' end
            and s.due_at <= now()
          order by s.project_id limit 1)
        union all
        (select s.project_id, true from operation_schedule s
          where not r.wrapped and s.lane = p_lane and s.project_id <= p_served_last and s.due_at <= now()
          order by s.project_id limit 1)
        limit 1
      ) next
      cross join lateral (
        select greatest(p_per_project - count(*), 0)::int as free from operation_schedule s
        where s.lane = p_lane and s.project_id = next.project_id and s.lease_id is not null and s.lease_until > now()
      ) queued
      where r.serving < p_room
    ), share as (
      select ceil(2.0 * p_room / greatest(max(r.serving), 1))::int as steps from ring r
    ), turns as (
      select due.operation_id, r.wrapped, r.project_id,
        row_number() over (partition by r.project_id order by due.due_at) as turn
      from share cross join ring r
      cross join lateral (
        select s.operation_id, s.due_at from operation_schedule s
        where s.lane = p_lane and s.project_id = r.project_id and s.due_at <= now()
        order by s.due_at limit least(share.steps, r.free)
      ) due
    )
    select t.operation_id from turns t order by t.turn, t.wrapped, t.project_id limit p_room
  loop
    -- Each by its key. What another dispatcher is admitting at the moment is left to it; what it has admitted is due no more.
    return query
      update operation_schedule s
        set lease_id = gen_random_uuid()::text, lease_until = now() + p_lease_ms * interval '1 millisecond',
          due_at = now() + p_lease_ms * interval '1 millisecond', admissions = s.admissions + 1
        where s.operation_id = (
          select d.operation_id from operation_schedule d
          where d.operation_id = chosen.operation_id and d.due_at <= now() for update skip locked
        )
        returning s.operation_id, s.project_id, s.binding_id, s.lane, s.lease_id, s.admissions;
  end loop;
end
$$;

-- In how many ms the next step is due; null when none waits.
create function next_due_in_ms() returns float8
language plpgsql stable security invoker
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $$
begin
  return (
    select extract(epoch from min(s.due_at at time zone 'UTC') - now() at time zone 'UTC') * 1000
    from operation_schedule s
  );
end
$$;

alter function admit_steps owner to strata_owner;
alter function next_due_in_ms owner to strata_owner;
revoke all on function admit_steps, next_due_in_ms from public;
grant execute on function admit_steps, next_due_in_ms to strata_worker;
