-- The tags of the disks in the view, a row for each tag of each version of a disk, so that disks are found by an index under
-- row-level security: of what an index on `jsonb` can be asked nothing is leakproof, but equality of texts is. Written with the
-- rows of the view, by whatever writes those: both tell the same at every position and in every generation.
create table view_disks_tags (
  generation int not null,
  key uuid not null,
  project_id uuid not null,
  valid_from bigint not null,
  valid_to bigint,
  -- How many characters the tag's key has, the key, its value: `4:team=mail`. No two tags are written alike.
  tag text not null,
  constraint view_disks_tags_pkey primary key (generation, key, valid_from, tag)
);
create index view_disks_tags_now on view_disks_tags (generation, tag collate "C", key) where valid_to is null;

create function view_disks_tags_made() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into view_disks_tags (generation, key, project_id, valid_from, valid_to, tag)
    select made.generation, made.key, made.project_id, made.valid_from, made.valid_to,
      length(tag.key) || ':' || tag.key || '=' || tag.value
    from made cross join lateral jsonb_each_text(made.tags) as tag;
  return null;
end
$$;

-- What changes of a version is where it ends.
create function view_disks_tags_ended() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
  update view_disks_tags as t set valid_to = ended.valid_to
    from ended where t.generation = ended.generation and t.key = ended.key and t.valid_from = ended.valid_from;
  return null;
end
$$;

create function view_disks_tags_removed() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
  delete from view_disks_tags as t
    using removed where t.generation = removed.generation and t.key = removed.key and t.valid_from = removed.valid_from;
  return null;
end
$$;

do $$
declare
  part text;
begin
  foreach part in array array['view_disks_tags_made', 'view_disks_tags_ended', 'view_disks_tags_removed'] loop
    execute format('alter function %I owner to strata_owner', part);
    execute format('revoke all on function %I from public', part);
    execute format('grant execute on function %I to strata_worker', part);
  end loop;
end
$$;

create trigger tags_made after insert on view_disks
  referencing new table as made for each statement execute function view_disks_tags_made();
create trigger tags_ended after update on view_disks
  referencing new table as ended for each statement execute function view_disks_tags_ended();
create trigger tags_removed after delete on view_disks
  referencing old table as removed for each statement execute function view_disks_tags_removed();

-- What is there already: for this the owner must see it.
alter table view_disks no force row level security;
insert into view_disks_tags (generation, key, project_id, valid_from, valid_to, tag)
  select v.generation, v.key, v.project_id, v.valid_from, v.valid_to,
    length(tag.key) || ':' || tag.key || '=' || tag.value
  from view_disks v cross join lateral jsonb_each_text(v.tags) as tag;
alter table view_disks force row level security;
drop index view_disks_by_tag;

alter table view_disks_tags owner to strata_owner;
grant select on view_disks_tags to strata_api;
grant select, insert, update, delete on view_disks_tags to strata_worker;

alter table view_disks_tags enable row level security;
alter table view_disks_tags force row level security;
create policy worker on view_disks_tags to strata_worker using (true) with check (true);
create policy api on view_disks_tags for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = view_disks_tags.project_id offset 0)
);
