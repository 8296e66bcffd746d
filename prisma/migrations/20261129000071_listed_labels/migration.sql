-- Beside its tags each version of a disk has here the flags that are set and the servers that it is attached to, so that the few
-- that have one are found by the index. `bootable`, `server_ids=<id>`: tags begin with a number, so that no two are written alike.
-- Without a search path of its own, as a function that has one is called for each row instead of being part of the statement; all
-- that it names is in pg_catalog.
create function view_disks_labels(
  p_tags jsonb, p_bootable boolean, p_shareable boolean, p_encrypted boolean, p_read_only boolean, p_server_ids text[]
) returns setof text
language sql immutable
as $$
  select length(tag.key) || ':' || tag.key || '=' || tag.value from jsonb_each_text(p_tags) as tag
  union all
  select flag from (values
    ('bootable', p_bootable), ('shareable', p_shareable), ('encrypted', p_encrypted), ('read_only', p_read_only)
  ) as flags (flag, is_set) where is_set
  union all
  select distinct 'server_ids=' || server from unnest(p_server_ids) as server
$$;
alter function view_disks_labels owner to strata_owner;
revoke all on function view_disks_labels from public;
grant execute on function view_disks_labels to strata_worker;

create or replace function view_disks_tags_made() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into view_disks_tags (generation, key, project_id, valid_from, valid_to, tag)
    select made.generation, made.key, made.project_id, made.valid_from, made.valid_to, label
    from made cross join lateral view_disks_labels(
      made.tags, made.bootable, made.shareable, made.encrypted, made.read_only, made.server_ids
    ) as label;
  return null;
end
$$;

-- What is there already: for this the owner must see it.
alter table view_disks no force row level security;
insert into view_disks_tags (generation, key, project_id, valid_from, valid_to, tag)
  select v.generation, v.key, v.project_id, v.valid_from, v.valid_to, label
  from view_disks v cross join lateral view_disks_labels(
    '{}', v.bootable, v.shareable, v.encrypted, v.read_only, v.server_ids
  ) as label
  where v.bootable or v.shareable or v.encrypted or v.read_only or cardinality(v.server_ids) > 0;
alter table view_disks force row level security;
