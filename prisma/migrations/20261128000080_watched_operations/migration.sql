-- Many operations in the cloud at a time are followed by one list of their resources. `shows_as`: the marker under which the
-- list shows what an operation makes. `watched`: its own look is due late, as the list tells when to look.
alter table operation_schedule
  add column shows_as text,
  add column watched boolean not null default false,
  add column shows_since timestamptz(6);
create index operation_schedule_shown on operation_schedule (binding_id, shows_as) where shows_as is not null;
