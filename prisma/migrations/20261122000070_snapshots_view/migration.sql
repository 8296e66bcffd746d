-- The snapshots as a view.
create table view_snapshots (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  disk_id uuid not null,
  name text not null,
  description text not null,
  size_gib int not null,
  status text not null,
  status_reason text,
  created_at timestamptz(6) not null,
  updated_at timestamptz(6) not null,
  cloud_id text,
  version int not null,
  doc jsonb not null,
  constraint view_snapshots_pkey primary key (generation, key, valid_from)
);
create unique index view_snapshots_now on view_snapshots (generation, key) where valid_to is null;
create index view_snapshots_of_project on view_snapshots (generation, project_id, created_at, key) where valid_to is null;
create index view_snapshots_of_disk on view_snapshots (generation, disk_id, created_at, key) where valid_to is null;
create index view_snapshots_by_age on view_snapshots (generation, created_at, key) where valid_to is null;
create index view_snapshots_by_change on view_snapshots (generation, updated_at, key) where valid_to is null;
create index view_snapshots_by_name on view_snapshots (generation, name collate "C", key) where valid_to is null;
create index view_snapshots_by_size on view_snapshots (generation, size_gib, key) where valid_to is null;
create index view_snapshots_by_status on view_snapshots (generation, status collate "C", key) where valid_to is null;
create index view_snapshots_by_cloud_id on view_snapshots (generation, cloud_id collate "C", key) where valid_to is null;
create index view_snapshots_history on view_snapshots (generation, project_id, valid_from);

alter table view_snapshots owner to strata_owner;
grant select on view_snapshots to strata_api;
grant select, insert, update, delete on view_snapshots to strata_worker;

alter table view_snapshots enable row level security;
alter table view_snapshots force row level security;
create policy worker on view_snapshots to strata_worker using (true) with check (true);
create policy api on view_snapshots for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = view_snapshots.project_id)
);
