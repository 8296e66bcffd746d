-- The transfers of disks as a view, in the project that gives.
create table view_transfers (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  disk_id uuid not null,
  status text not null,
  created_at timestamptz(6) not null,
  updated_at timestamptz(6) not null,
  doc jsonb not null,
  constraint view_transfers_pkey primary key (generation, key, valid_from)
);
create unique index view_transfers_now on view_transfers (generation, key) where valid_to is null;
create index view_transfers_of_project on view_transfers (generation, project_id, created_at, key) where valid_to is null;
create index view_transfers_of_disk on view_transfers (generation, disk_id, created_at, key) where valid_to is null;
create index view_transfers_by_age on view_transfers (generation, created_at, key) where valid_to is null;
create index view_transfers_by_change on view_transfers (generation, updated_at, key) where valid_to is null;
create index view_transfers_history on view_transfers (generation, project_id, valid_from);

alter table view_transfers owner to strata_owner;
grant select on view_transfers to strata_api;
grant select, insert, update, delete on view_transfers to strata_worker;

alter table view_transfers enable row level security;
alter table view_transfers force row level security;
create policy worker on view_transfers to strata_worker using (true) with check (true);
create policy api on view_transfers for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = view_transfers.project_id)
);
