-- What a read of a view begins with, inside the statement that reads: it sets whose eyes read, for this transaction, and tells
-- which generation is read, up to where it has followed the log, and which projects the reader sees, as far as p_most of them.
-- So a read is one statement, with one snapshot and one way to the database and back. `stable`: it looks with the snapshot of
-- the statement that calls it. Projects are walked to from the grants downwards: row-level security lets no index on paths
-- answer which lie below one.
create function view_opened(
  p_view text, p_all boolean, p_grants uuid[], p_most int,
  out generation int, out "position" bigint, out projects uuid[]
)
language plpgsql stable security invoker
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  perform set_config('strata.sight', case when p_all then 'all' else '' end, true),
    set_config('strata.grants', p_grants::text, true);
  select coalesce(max(g.generation), 1) into generation from view_generation g where g.view = p_view;
  select c.position into position from checkpoints c
    where c.follower = p_view || '@' || generation order by c.after desc limit 1;
  position := coalesce(position, 0);
  if p_most > 0 then
    projects := array(
      with recursive seen as (
        select n.id from nodes n where n.id = any(p_grants)
        union
        select below.id from seen
          cross join lateral (select n.id from nodes n where n.parent_id = seen.id offset 0) as below
      )
      select id from seen limit p_most
    );
  end if;
end
$$;
alter function view_opened owner to strata_owner;
revoke all on function view_opened from public;
grant execute on function view_opened to strata_api, strata_worker;
drop function view_standing;

-- A page looks at about a hundred rows, and asks of each whether its project is seen. `offset 0` keeps that a look at one node:
-- else the planner, which does not count with the page's end here, would first gather every node that the reader sees.
do $$
declare
  guarded text;
begin
  foreach guarded in array array['view_disks', 'view_snapshots', 'view_operations', 'view_transfers'] loop
    execute format(
      'alter policy api on %1$I using (
         (select current_setting(''strata.sight'', true)) = ''all''
         or exists (select from nodes n where n.id = %1$I.project_id offset 0))',
      guarded
    );
  end loop;
end
$$;
