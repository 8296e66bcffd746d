-- The bindings as a view. A binding is a node of its own above all projects, so `project_id` is its own id and no grant at a
-- project reaches it.
create table view_bindings (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  name text not null,
  kind text not null,
  region text not null,
  created_at timestamptz(6) not null,
  doc jsonb not null,
  constraint view_bindings_pkey primary key (generation, key, valid_from)
);
create unique index view_bindings_now on view_bindings (generation, key) where valid_to is null;
create index view_bindings_by_age on view_bindings (generation, created_at, key) where valid_to is null;

alter table view_bindings owner to strata_owner;
grant select on view_bindings to strata_api;
grant select, insert, update, delete on view_bindings to strata_worker;

alter table view_bindings enable row level security;
alter table view_bindings force row level security;
create policy worker on view_bindings to strata_worker using (true) with check (true);
create policy api on view_bindings for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = view_bindings.project_id)
);
