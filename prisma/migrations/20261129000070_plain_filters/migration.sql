-- What lists of disks and of operations can be filtered by besides. Rows that are there get their values while the table is
-- written anew: an update would end and begin the tags of each. From then on the projections give them.
create function servers_in(record jsonb) returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(attached ->> 'serverId' order by place), '{}')
  from jsonb_array_elements(coalesce(record #> '{disk,traits,attachments}', '[]')) with ordinality as a (attached, place)
$$;

alter table view_disks
  add column bootable boolean generated always as (coalesce((doc #> '{disk,traits,bootable}')::boolean, false)) stored,
  add column shareable boolean generated always as (
    coalesce((doc #> '{disk,traits,shareable}')::boolean, (doc #> '{disk,shareable}')::boolean, false)
  ) stored,
  add column encrypted boolean generated always as (
    coalesce((doc #> '{disk,traits,encrypted}')::boolean, doc #> '{disk,encryption}' is not null)
  ) stored,
  add column read_only boolean generated always as (coalesce((doc #> '{disk,traits,readOnly}')::boolean, false)) stored,
  add column server_ids text[] generated always as (servers_in(doc)) stored,
  add column cloud_status text generated always as (doc #>> '{disk,cloudStatus}') stored;

alter table view_disks
  alter column bootable drop expression, alter column bootable set default false, alter column bootable set not null,
  alter column shareable drop expression, alter column shareable set default false, alter column shareable set not null,
  alter column encrypted drop expression, alter column encrypted set default false, alter column encrypted set not null,
  alter column read_only drop expression, alter column read_only set default false, alter column read_only set not null,
  alter column server_ids drop expression, alter column server_ids set default '{}', alter column server_ids set not null,
  alter column cloud_status drop expression;

drop function servers_in;

alter table view_operations add column actor_id text generated always as (doc ->> 'actorId') stored;
alter table view_operations
  alter column actor_id drop expression, alter column actor_id set default '', alter column actor_id set not null;
