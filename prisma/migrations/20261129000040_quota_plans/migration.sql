-- As before, with plans that are kept: each look at a quota was planned anew, which took longer than the look.
create or replace function figures_at(p_node uuid, p_up_to bigint)
returns table (dimension text, held bigint, used bigint, releasing bigint)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
    with before as (
      select q.dimensions, q.figures from quota_ledger q
      where q.node = p_node and q.position <= p_up_to order by q.position desc limit 1
    ), following as (
      select q.since from quota_ledger q
      where q.node = p_node and q.position > p_up_to order by q.position limit 1
    ), parts as (
      select d.name, b.figures[3 * d.k - 2] as held, b.figures[3 * d.k - 1] as used, b.figures[3 * d.k] as releasing
      from before b cross join lateral unnest(b.dimensions) with ordinality d(name, k)
      union all
      select c ->> 'dimension', (c ->> 'held')::bigint, (c ->> 'used')::bigint, (c ->> 'releasing')::bigint
      from following f
      cross join lateral (
        select e.project_id, e.charges from events e
        where e.position between f.since and p_up_to and e.charges is not null offset 0
      ) e
      cross join lateral (
        select p.charge_path from node_paths p
        where p.node = e.project_id and p.position <= p_up_to order by p.position desc limit 1
      ) p
      cross join lateral json_array_elements(e.charges) c
      where p_node = any(p.charge_path)
    )
    select name, sum(parts.held)::bigint, sum(parts.used)::bigint, sum(parts.releasing)::bigint from parts group by name;
end
$$;

create or replace function quota_path(p_all boolean, p_grants uuid[], p_project uuid, p_up_to bigint)
returns table (
  node uuid, kind text, distance int, visible boolean, dimension text, has_limit boolean, amount bigint,
  held bigint, used bigint, releasing bigint
)
language plpgsql stable
security definer
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
    with asked as (
      select coalesce(p_up_to, h.head) as up_to from log_head() h
    ), steps as (
      select s.node, (s.step - 1)::int as distance
      from asked a
      join nodes n on n.id = p_project and n.kind = 'project' and (n.removed_at is null or n.removed_at > p_up_to)
        and (p_all or n.path && p_grants)
      cross join lateral (
        select p.charge_path from node_paths p
        where p.node = p_project and p.position <= a.up_to order by p.position desc limit 1
      ) p
      cross join lateral unnest(p.charge_path) with ordinality s(node, step)
    )
    select s.node, n.kind, s.distance, p_all or n.path && p_grants, d.dimension, l.k is not null, l.amount,
      coalesce(f.held, 0), coalesce(f.used, 0), coalesce(f.releasing, 0)
    from asked a
    cross join steps s
    join nodes n on n.id = s.node
    left join lateral (
      select m.dimensions, m.amounts from limits m
      where m.node = s.node and m.position <= a.up_to order by m.position desc limit 1
    ) m on true
    left join lateral (
      select array_agg(g.dimension) as dimensions, array_agg(g.held) as held, array_agg(g.used) as used,
        array_agg(g.releasing) as releasing
      from figures_at(s.node, a.up_to) g
    ) g on true
    cross join lateral (
      select unnest(m.dimensions) as dimension union select unnest(g.dimensions)
    ) d
    left join lateral (
      select k, m.amounts[k] as amount from (select array_position(m.dimensions, d.dimension) as k) i where k is not null
    ) l on true
    left join lateral (
      select g.held[k] as held, g.used[k] as used, g.releasing[k] as releasing
      from (select array_position(g.dimensions, d.dimension) as k) i
    ) f on true
    order by s.distance, d.dimension;
end
$$;
