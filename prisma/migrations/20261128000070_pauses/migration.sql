-- Pauses in force, as the schedule knows them: written by the dispatcher together with the operations they hold, in the order of
-- the log. `node` is a project, whose whole subtree is held, or a binding.
create table pauses (
  id uuid not null,
  node uuid not null,
  kind text,
  reason text not null,
  since timestamptz(6) not null,
  until timestamptz(6) not null,
  constraint pauses_pkey primary key (id)
);
alter table pauses owner to strata_owner;
grant select on pauses to strata_api;
grant select, insert, update, delete on pauses to strata_worker;
alter table pauses enable row level security;
alter table pauses force row level security;
create policy worker on pauses to strata_worker using (true) with check (true);
create policy api on pauses for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = pauses.node)
);

-- A held operation is due when its pause ends, so that admission need not know of pauses. How long it was held is not counted
-- against its deadline.
alter table operation_schedule add column kind text;
alter table operation_schedule add column held_by uuid;
alter table operation_schedule add column held_since timestamptz(6);
alter table operation_schedule add column held_ms bigint not null default 0;
create index operation_schedule_held on operation_schedule (held_by, operation_id) where held_by is not null;

-- The same pauses for lists.
create table view_pauses (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  binding_id uuid,
  kind text,
  until timestamptz(6) not null,
  created_at timestamptz(6) not null,
  doc jsonb not null,
  constraint view_pauses_pkey primary key (generation, key, valid_from)
);
create unique index view_pauses_now on view_pauses (generation, key) where valid_to is null;
create index view_pauses_by_age on view_pauses (generation, created_at, key) where valid_to is null;

alter table view_pauses owner to strata_owner;
grant select on view_pauses to strata_api;
grant select, insert, update, delete on view_pauses to strata_worker;

alter table view_pauses enable row level security;
alter table view_pauses force row level security;
create policy worker on view_pauses to strata_worker using (true) with check (true);
create policy api on view_pauses for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = view_pauses.project_id)
);
