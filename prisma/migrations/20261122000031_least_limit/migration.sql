-- The least limit of one dimension on the path of a project, asked before every command that a bound concerns: a few index
-- look-ups with a plan that is kept, where the whole quota view is planned anew on each connection.
create function least_limit(p_project uuid, p_dimension text) returns bigint
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_path uuid[];
  v_least bigint;
begin
  select p.charge_path into v_path from node_paths p where p.node = p_project order by p.position desc limit 1;
  select min(l.amounts[array_position(l.dimensions, p_dimension)]) into v_least
    from unnest(v_path) as step(node)
    cross join lateral (
      select m.dimensions, m.amounts from limits m where m.node = step.node order by m.position desc limit 1
    ) l;
  return v_least;
end
$$;
alter function least_limit owner to strata_lane;
revoke all on function least_limit from public;
grant execute on function least_limit to strata_api, strata_worker;
