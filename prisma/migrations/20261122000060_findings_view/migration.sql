-- What sweeps found. A finding about what lies in no project belongs to the node of its binding, which no grant at a project
-- reaches.
create table view_findings (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  binding_id uuid not null,
  disk_id uuid,
  cloud_id text not null,
  kind text not null,
  status text not null,
  first_seen_at timestamptz(6) not null,
  last_seen_at timestamptz(6) not null,
  doc jsonb not null,
  constraint view_findings_pkey primary key (generation, key, valid_from)
);
create unique index view_findings_now on view_findings (generation, key) where valid_to is null;
create index view_findings_of_binding on view_findings (generation, binding_id, first_seen_at, key) where valid_to is null;
create index view_findings_of_disk on view_findings (generation, disk_id, first_seen_at, key) where valid_to is null;

alter table view_findings owner to strata_owner;
grant select on view_findings to strata_api;
grant select, insert, update, delete on view_findings to strata_worker;

alter table view_findings enable row level security;
alter table view_findings force row level security;
create policy worker on view_findings to strata_worker using (true) with check (true);
create policy api on view_findings for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = view_findings.project_id)
);
