-- Admission by rounds over projects: the next due step of each project without looking at any other row,
-- and what is under a lease without looking at what is not.
create index operation_schedule_turns on operation_schedule (lane, project_id, due_at);
create index operation_schedule_leased on operation_schedule (lane, project_id) where lease_id is not null;

-- A nudge that comes while a step is under way must not be lost: the step may have read before it.
alter table operation_schedule add column nudged boolean not null default false;
