-- Views (rows with the positions between which they hold), and the mutable tables of workers and dispatcher.
create table view_disks (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  name text not null,
  description text,
  size_gib int not null,
  type text not null,
  availability_zone text not null,
  status text not null,
  status_reason text,
  tags jsonb not null,
  created_at timestamptz(6) not null,
  updated_at timestamptz(6) not null,
  cloud_id text,
  version int not null,
  doc jsonb not null,
  constraint view_disks_pkey primary key (generation, key, valid_from)
);
create unique index view_disks_now on view_disks (generation, key) where valid_to is null;
create index view_disks_of_project on view_disks (generation, project_id, created_at, key) where valid_to is null;
create index view_disks_by_age on view_disks (generation, created_at, key) where valid_to is null;
create index view_disks_history on view_disks (generation, project_id, valid_from);

create table view_operations (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  kind text not null,
  status text not null,
  target_type text not null,
  target_ids text[] not null,
  part_of uuid,
  retry_of uuid,
  created_at timestamptz(6) not null,
  started_at timestamptz(6),
  ended_at timestamptz(6),
  doc jsonb not null,
  constraint view_operations_pkey primary key (generation, key, valid_from)
);
create unique index view_operations_now on view_operations (generation, key) where valid_to is null;
create index view_operations_of_project on view_operations (generation, project_id, created_at, key) where valid_to is null;
create index view_operations_by_age on view_operations (generation, created_at, key) where valid_to is null;
create index view_operations_history on view_operations (generation, project_id, valid_from);

create table view_projects (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  name text not null,
  parent_id uuid,
  binding_id uuid,
  created_at timestamptz(6) not null,
  doc jsonb not null,
  constraint view_projects_pkey primary key (generation, key, valid_from)
);
create unique index view_projects_now on view_projects (generation, key) where valid_to is null;
create index view_projects_by_age on view_projects (generation, created_at, key) where valid_to is null;

-- When to look or send next: data of the worker, rebuilt as "due now" from the open operations.
create table operation_schedule (
  operation_id uuid not null,
  project_id uuid not null,
  binding_id uuid,
  lane text not null,
  due_at timestamptz(6) not null,
  looks int not null default 0,
  last_seen jsonb,
  lease_id text,
  lease_until timestamptz(6),
  admissions int not null default 0,
  deadline_at timestamptz(6),
  waiting_for text,
  constraint operation_schedule_pkey primary key (operation_id),
  constraint operation_schedule_lane check (lane in ('send', 'look'))
) with (fillfactor = 70);
create index operation_schedule_due on operation_schedule (lane, due_at);
create index operation_schedule_of_project on operation_schedule (project_id);

create table leases (
  name text not null,
  holder text not null,
  epoch bigint not null,
  until timestamptz(6) not null,
  constraint leases_pkey primary key (name)
);

create table catalogue (
  binding_id uuid not null,
  kind text not null,
  items jsonb not null,
  fetched_at timestamptz(6) not null,
  constraint catalogue_pkey primary key (binding_id, kind)
);

alter table view_disks owner to strata_owner;
alter table view_operations owner to strata_owner;
alter table view_projects owner to strata_owner;
alter table operation_schedule owner to strata_owner;
alter table leases owner to strata_owner;
alter table catalogue owner to strata_owner;

grant select on view_disks, view_operations, view_projects, operation_schedule, leases, catalogue to strata_api;
grant select, insert, update, delete on view_disks, view_operations, view_projects, operation_schedule, leases, catalogue
  to strata_worker;

do $$
declare
  guarded text;
begin
  foreach guarded in array array['view_disks', 'view_operations', 'view_projects', 'operation_schedule'] loop
    execute format('alter table %I enable row level security', guarded);
    execute format('alter table %I force row level security', guarded);
    execute format('create policy worker on %I to strata_worker using (true) with check (true)', guarded);
    execute format(
      'create policy api on %1$I for select to strata_api using (
         (select current_setting(''strata.sight'', true)) = ''all''
         or exists (select from nodes n where n.id = %1$I.project_id))',
      guarded
    );
  end loop;
end
$$;
