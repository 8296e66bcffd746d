-- The log and what the commit lane owns (docs/architecture.md, "The log and its commit lane").
-- Roles are of the whole server: they may exist already. Logins and passwords are given by bootstrap(), never here.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['strata_owner', 'strata_lane', 'strata_api', 'strata_worker'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin nosuperuser nobypassrls', wanted);
      exception when duplicate_object then
        null; -- another migration on the same server was faster
      end;
    end if;
    if not pg_has_role(current_user, wanted, 'member') then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end
$$;

grant usage, create on schema public to strata_owner, strata_lane;
grant usage on schema public to strata_api, strata_worker;

create table events (
  position bigint not null,
  id uuid not null,
  stream text not null,
  version int not null,
  -- Position of the stream's event before this one. A stream is read by walking back from streams.last, so that events
  -- need no index by stream and can be partitioned by position.
  previous bigint,
  type text not null,
  schema_version int not null,
  project_id uuid not null,
  -- The operation that a user sees, and the part of it that wrote the event when that is another one.
  operation_id uuid,
  part_id uuid,
  -- RFC 8785 bytes: json keeps the text as it was hashed.
  data json not null,
  charges json,
  meta json not null,
  recorded_at timestamptz(6) not null,
  content_hash bytea not null,
  hash bytea not null,
  constraint events_pkey primary key (position)
);
create index events_of_project on events (project_id, position);
create index events_of_operation on events (operation_id, position) where operation_id is not null;
create index events_of_part on events (part_id, position) where part_id is not null;

create table streams (
  stream text not null,
  version int not null,
  last bigint not null,
  project_id uuid not null,
  constraint streams_pkey primary key (stream)
) with (fillfactor = 85);

-- One row per append, with its idempotency key. Keys are emptied after their time; the row stays and answers `replayed`.
create table appends (
  append_id uuid not null,
  position bigint not null,
  scope text,
  key text,
  fingerprint text,
  answer json,
  constraint appends_pkey primary key (append_id)
);
create unique index appends_by_key on appends (scope, key) where key is not null;

-- Insert-only. One row per node and batch: the figures of all its dimensions after the batch that began at `since` and
-- ended its charges to this node at `position`. `figures` holds held, used, releasing for each of `dimensions` in turn.
create table quota_ledger (
  node uuid not null,
  position bigint not null,
  since bigint not null,
  dimensions text[] not null,
  figures bigint[] not null,
  constraint quota_ledger_pkey primary key (node, position)
);

create table nodes (
  id uuid not null,
  kind text not null,
  name text not null default '',
  parent_id uuid,
  binding_id uuid,
  -- From the node itself up to the root.
  path uuid[] not null,
  -- The path and, as its last member, the binding: where a charge runs up.
  charge_path uuid[] not null,
  -- The limits in force (the newest row of `limits`). An amount of null is "unlimited".
  limit_dimensions text[] not null default '{}',
  limit_amounts bigint[] not null default '{}',
  removed_at bigint,
  constraint nodes_pkey primary key (id),
  constraint nodes_kind check (kind in ('project', 'binding'))
);
create index nodes_by_parent on nodes (parent_id) where parent_id is not null;
create index nodes_by_binding on nodes (binding_id) where binding_id is not null;
create index nodes_by_path on nodes using gin (path);

-- Where a project stood in the tree, and what its limits were, at a position: for asOf and for proof. Insert-only.
create table node_paths (
  node uuid not null,
  position bigint not null,
  charge_path uuid[] not null,
  constraint node_paths_pkey primary key (node, position)
);
create table limits (
  node uuid not null,
  position bigint not null,
  dimensions text[] not null,
  amounts bigint[] not null,
  constraint limits_pkey primary key (node, position)
);

create table tokens (
  id uuid not null,
  project_id uuid not null,
  actor_id uuid not null,
  role text not null,
  secret_hash text not null,
  issued_at timestamptz(6) not null,
  expires_at timestamptz(6),
  revoked_at timestamptz(6),
  constraint tokens_pkey primary key (id)
);
create index tokens_of_project on tokens (project_id, id);

-- Who an actor is. The only place for it, so that it can be erased.
create table people (
  actor_id uuid not null,
  name text,
  email text,
  updated_at timestamptz(6) not null default now(),
  constraint people_pkey primary key (actor_id)
);

-- One row: which log this is, and a number that grows with every change of the tree.
create table log (
  id int not null default 1,
  incarnation text not null,
  tree_version bigint not null default 0,
  constraint log_pkey primary key (id),
  constraint log_is_one check (id = 1)
);
insert into log (incarnation) values (encode(substr(sha256(gen_random_uuid()::text::bytea), 1, 4), 'hex'));

create table checkpoints (
  follower text not null,
  position bigint not null,
  updated_at timestamptz(6) not null default now(),
  constraint checkpoints_pkey primary key (follower)
) with (fillfactor = 50);

-- What is to be seen of a follower: `stopped` with the reason is not the end of the others.
create table follower_state (
  follower text not null,
  status text not null,
  position bigint not null,
  error text,
  detail text,
  updated_at timestamptz(6) not null default now(),
  constraint follower_state_pkey primary key (follower)
);

create table view_generation (
  view text not null,
  generation int not null,
  constraint view_generation_pkey primary key (view)
);

alter table events owner to strata_owner;
alter table streams owner to strata_owner;
alter table appends owner to strata_owner;
alter table quota_ledger owner to strata_owner;
alter table nodes owner to strata_owner;
alter table node_paths owner to strata_owner;
alter table limits owner to strata_owner;
alter table tokens owner to strata_owner;
alter table people owner to strata_owner;
alter table log owner to strata_owner;
alter table checkpoints owner to strata_owner;
alter table follower_state owner to strata_owner;
alter table view_generation owner to strata_owner;

-- Only the lane writes the log and what belongs to it.
-- The last three are insert-only too; only a second change in one append writes over the row of the first.
grant select, insert on events to strata_lane;
grant select, insert, update on quota_ledger, node_paths, limits to strata_lane;
grant select, insert, update on streams, appends, nodes, tokens to strata_lane;
grant select, update on log to strata_lane;
grant select on events, streams, appends, quota_ledger, nodes, node_paths, limits, tokens, log, checkpoints,
  follower_state, view_generation to strata_api, strata_worker;
grant select, insert, update, delete on people to strata_api, strata_worker;
grant insert, update, delete on checkpoints, follower_state, view_generation to strata_worker;

-- Forced row-level security: a reader sees what its grants reach in the tree, or nothing. The grants are set for one
-- transaction: strata.sight = 'all', or strata.grants = the nodes at which a role is held.
do $$
declare
  guarded text;
begin
  foreach guarded in array array['events', 'streams', 'appends', 'quota_ledger', 'nodes', 'node_paths', 'limits', 'tokens'] loop
    execute format('alter table %I enable row level security', guarded);
    execute format('alter table %I force row level security', guarded);
    execute format('create policy lane on %I to strata_lane using (true) with check (true)', guarded);
    execute format('create policy worker on %I to strata_worker using (true) with check (true)', guarded);
  end loop;
end
$$;

create policy api on nodes for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or path && (select nullif(current_setting('strata.grants', true), '')::uuid[])
);
-- The sub-select on nodes is itself under the policy of nodes: this is the join of grants and tree.
create policy api on events for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = events.project_id)
);
create policy api on streams for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = streams.project_id)
);
create policy api on quota_ledger for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = quota_ledger.node)
);
create policy api on node_paths for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = node_paths.node)
);
create policy api on limits for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = limits.node)
);
create policy api on tokens for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = tokens.project_id)
);
-- A key is of one caller and project: only who names the scope can read it.
create policy api on appends for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or scope = (select nullif(current_setting('strata.scope', true), ''))
);
