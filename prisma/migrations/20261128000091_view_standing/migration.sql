-- What every read of a view begins with: which generation is read, up to where it has followed the log, and which projects
-- the reader sees, when they are few. As a function with a plan that is kept: it was planned anew for each page.
create function view_standing(
  p_view text, p_grants uuid[], p_most int, out generation int, out "position" bigint, out projects uuid[]
)
language plpgsql stable security invoker
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
  select coalesce(max(g.generation), 1) into generation from view_generation g where g.view = p_view;
  select c.position into position from checkpoints c
    where c.follower = p_view || '@' || generation order by c.after desc limit 1;
  position := coalesce(position, 0);
  if p_grants is not null then
    projects := array(select n.id from nodes n where n.path && p_grants limit p_most);
  end if;
end
$$;
alter function view_standing owner to strata_owner;
revoke all on function view_standing from public;
grant execute on function view_standing to strata_api, strata_worker;
