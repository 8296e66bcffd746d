-- Reads of the quota ledger. They show figures of nodes above the reader's sight (a refusal must be explained), so they run as
-- the lane's owner and say of each node whether the reader may view it; the project asked for must be visible.

-- Figures of a node after the event at p_up_to, exactly: the ledger has one row per batch, and when the position lies inside a
-- batch the charges from the batch's beginning up to it are added.
create function figures_at(p_node uuid, p_up_to bigint)
returns table (dimension text, held bigint, used bigint, releasing bigint)
language sql stable
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $$
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
  select name, sum(parts.held)::bigint, sum(parts.used)::bigint, sum(parts.releasing)::bigint from parts group by name
$$;

-- One row per node and dimension with a limit or a figure, along the path of a project; none when it is not visible.
create function quota_path(p_all boolean, p_grants uuid[], p_project uuid, p_up_to bigint)
returns table (
  node uuid, kind text, distance int, visible boolean, dimension text, has_limit boolean, amount bigint,
  held bigint, used bigint, releasing bigint
)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $$
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
  order by s.distance, d.dimension
$$;

-- The ledger of one visible node, newest first.
create function quota_history(p_all boolean, p_grants uuid[], p_node uuid, p_before bigint, p_limit int)
returns table (at_position bigint, recorded_at text, dimensions text[], figures bigint[])
language plpgsql stable
security invoker
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $$
begin
  perform set_config('strata.sight', case when p_all then 'all' else 'grants' end, true),
    set_config('strata.grants', p_grants::text, true);
  return query
    select q.position, to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), q.dimensions, q.figures
    from (
      select * from quota_ledger l where l.node = p_node and l.position < p_before order by l.position desc limit p_limit
    ) q
    cross join lateral (select ev.recorded_at from events ev where ev.position = q.position offset 0) e
    order by q.position desc;
end
$$;

-- Every node with a figure, and the nodes that it stands in, as of a position: what a recount is compared with.
create function quota_ledger_at(p_nodes uuid[], p_up_to bigint)
returns table (node uuid, dimension text, held bigint, used bigint, releasing bigint)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select n.node, f.* from unnest(p_nodes) n(node) cross join lateral figures_at(n.node, p_up_to) f
$$;

create function charge_paths_at(p_up_to bigint, p_after uuid, p_limit int)
returns table (node uuid, path uuid[])
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select n.id, p.charge_path
  from (select id from nodes where p_after is null or id > p_after order by id limit p_limit) n
  left join lateral (
    select charge_path from node_paths where node_paths.node = n.id and position <= p_up_to order by position desc limit 1
  ) p on true
  order by n.id
$$;

-- Charges in the order of the log, for recounting.
create function log_charges(p_after bigint, p_up_to bigint, p_limit int)
returns table (project_id uuid, dimension text, held bigint, used bigint, releasing bigint)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $$
  select e.project_id, c ->> 'dimension', sum((c ->> 'held')::bigint)::bigint,
    sum((c ->> 'used')::bigint)::bigint, sum((c ->> 'releasing')::bigint)::bigint
  from (
    select ev.project_id, ev.charges from events ev
    where ev.position > p_after and ev.position <= least(p_up_to, p_after + p_limit) and ev.charges is not null offset 0
  ) e
  cross join lateral json_array_elements(e.charges) c
  group by e.project_id, c ->> 'dimension'
$$;

-- The same for one project.
create function project_charges(p_project uuid, p_after bigint, p_up_to bigint, p_limit int)
returns table (last_position bigint, dimension text, held bigint, used bigint, releasing bigint)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $$
  with page as (
    select ev.position, ev.charges from events ev
    where ev.project_id = p_project and ev.position > p_after and ev.position <= p_up_to
    order by ev.position limit p_limit
  )
  select l.last_position, c.dimension, c.held, c.used, c.releasing
  from (select max(position) as last_position from page) l
  left join lateral (
    select c ->> 'dimension' as dimension, sum((c ->> 'held')::bigint)::bigint as held,
      sum((c ->> 'used')::bigint)::bigint as used, sum((c ->> 'releasing')::bigint)::bigint as releasing
    from page p cross join lateral json_array_elements(p.charges) c
    where p.charges is not null
    group by c ->> 'dimension'
  ) c on true
  where l.last_position is not null
$$;

-- A caller is found by his token before anybody's sight is known.
create function find_token(p_id uuid)
returns table (
  id uuid, project_id uuid, actor_id uuid, role text, secret_hash text, issued_at timestamptz, expires_at timestamptz,
  revoked_at timestamptz
)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select t.id, t.project_id, t.actor_id, t.role, t.secret_hash, t.issued_at, t.expires_at, t.revoked_at
  from tokens t where t.id = p_id
$$;

create function list_tokens(p_all boolean, p_grants uuid[], p_project uuid, p_after uuid, p_limit int)
returns setof tokens
language plpgsql stable
security invoker
set search_path = pg_catalog, public, pg_temp
as $$
begin
  perform set_config('strata.sight', case when p_all then 'all' else 'grants' end, true),
    set_config('strata.grants', p_grants::text, true);
  return query
    select * from tokens t where t.project_id = p_project and (p_after is null or t.id > p_after) order by t.id limit p_limit;
end
$$;

alter function figures_at owner to strata_lane;
alter function quota_path owner to strata_lane;
alter function quota_ledger_at owner to strata_lane;
alter function charge_paths_at owner to strata_lane;
alter function log_charges owner to strata_lane;
alter function project_charges owner to strata_lane;
alter function find_token owner to strata_lane;
alter function quota_history owner to strata_owner;
alter function list_tokens owner to strata_owner;
revoke all on function figures_at, quota_path, quota_ledger_at, charge_paths_at, log_charges, project_charges, find_token
  from public;
grant execute on function quota_path, project_charges, find_token, quota_ledger_at, charge_paths_at, log_charges
  to strata_api, strata_worker;
