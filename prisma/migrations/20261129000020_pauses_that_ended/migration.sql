-- Pauses that have ended are kept for a while: for how long one held an operation follows from it, and both follow from the log.
alter table pauses add column ended_at timestamptz(6);
-- Those under which an operation was held, also where its project has been moved since.
alter table operation_schedule add column held_under uuid[] not null default '{}';
update operation_schedule set held_under = array[held_by] where held_by is not null;
alter table operation_schedule drop column held_since, drop column held_ms;
