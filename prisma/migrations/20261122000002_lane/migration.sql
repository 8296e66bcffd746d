-- The commit lane: the only writer of the log.
--
-- The process sends plain arrays: every distinct stream, project, node, dimension and slot (a node and a dimension) once, and
-- refers to them by index. Appends (a_), their entries (t_: an append's events for one stream) and events (e_) come in order.
-- Where charges run up is resolved by the process under `p_tree`, the version of the tree it knows; the lane checks that
-- this is still the version, under its lock.
--
-- Verdicts: null when everything was committed, else a JSON array with null for what was committed and the reason for the rest.
-- Positions follow the order of the committed appends, from `first_position` on.

-- What changes tree, limits and tokens: called for an append that stands alone in its batch. Raises SA001 with the verdict
-- as detail when the change cannot be; the caller's block undoes what was done.
create function apply_changes(
  p_changes json, p_command boolean, p_projects uuid[], p_since bigint, p_position bigint, p_at timestamptz
) returns void
language plpgsql
as $$
declare
  c json;
  v_id uuid;
  v_parent nodes;
  v_node nodes;
  v_path uuid[];
  v_gains uuid[];
  v_loses uuid[];
  v_dimensions text[];
  v_figures bigint[];
  v_refusal json;
begin
  for c in select json_array_elements(p_changes) loop
    case c ->> 'change'
    when 'project-added' then
      v_id := (c ->> 'projectId')::uuid;
      if exists (select from nodes where id = v_id) then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', v_id));
      end if;
      v_path := array[v_id];
      if c ->> 'parentId' is not null then
        select * into v_parent from nodes where id = (c ->> 'parentId')::uuid and kind = 'project' and removed_at is null;
        if not found then
          perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', c ->> 'parentId'));
        end if;
        v_path := v_id || v_parent.path;
      end if;
      if c ->> 'bindingId' is not null and not exists (
        select from nodes where id = (c ->> 'bindingId')::uuid and kind = 'binding' and removed_at is null
      ) then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', c ->> 'bindingId'));
      end if;
      insert into nodes (id, kind, name, parent_id, binding_id, path, charge_path)
      values (
        v_id, 'project', c ->> 'name', (c ->> 'parentId')::uuid, (c ->> 'bindingId')::uuid, v_path,
        array_remove(v_path || (c ->> 'bindingId')::uuid, null)
      );
      insert into node_paths select v_id, p_position, charge_path from nodes where id = v_id;
      update log set tree_version = tree_version + 1;

    when 'binding-added' then
      v_id := (c ->> 'bindingId')::uuid;
      if exists (select from nodes where id = v_id) then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', v_id));
      end if;
      insert into nodes (id, kind, path, charge_path) values (v_id, 'binding', array[v_id], array[v_id]);
      insert into node_paths values (v_id, p_position, array[v_id]);
      update log set tree_version = tree_version + 1;

    when 'project-renamed' then
      v_id := (c ->> 'projectId')::uuid;
      update nodes set name = c ->> 'name' where id = v_id and kind = 'project' and removed_at is null;
      if not found then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', v_id));
      end if;

    when 'project-removed', 'binding-removed' then
      v_id := coalesce(c ->> 'projectId', c ->> 'bindingId')::uuid;
      select * into v_node from nodes where id = v_id and removed_at is null;
      if not found
        or exists (select from nodes where (parent_id = v_id or binding_id = v_id) and removed_at is null)
        or exists (
          select from (select figures from quota_ledger where node = v_id order by position desc limit 1) l, unnest(l.figures) f
          where f <> 0
        )
      then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', v_id));
      end if;
      update nodes set removed_at = p_position where id = v_id;
      update log set tree_version = tree_version + 1;

    when 'limits-set' then
      v_id := (c ->> 'node')::uuid;
      select coalesce(array_agg(l ->> 'dimension'), '{}'),
        coalesce(array_agg(nullif(l ->> 'limit', 'unlimited')::bigint), '{}')
      into v_dimensions, v_figures
      from json_array_elements(c -> 'limits') l;
      update nodes set limit_dimensions = v_dimensions, limit_amounts = v_figures where id = v_id and removed_at is null;
      if not found then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', v_id));
      end if;
      insert into limits values (v_id, p_position, v_dimensions, v_figures)
      on conflict (node, position) do update set dimensions = excluded.dimensions, amounts = excluded.amounts;

    when 'project-moved' then
      v_id := (c ->> 'projectId')::uuid;
      select * into v_node from nodes where id = v_id and kind = 'project' and removed_at is null;
      if not found then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', v_id));
      end if;
      select * into v_parent from nodes where id = (c ->> 'parentId')::uuid and kind = 'project' and removed_at is null;
      if not found or v_id = any(v_parent.path) then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', c ->> 'parentId'));
      end if;
      v_loses := array(select n from unnest(v_node.path[2:]) n where n <> all(v_parent.path));
      v_gains := array(select n from unnest(v_parent.path) n where n <> all(v_node.path));
      select dimensions, figures into v_dimensions, v_figures
      from quota_ledger where node = v_id order by position desc limit 1;
      if v_dimensions is not null then
        if p_command then
          select json_build_object(
            'status', 'over-quota', 'node', g.node, 'nodeKind', 'project', 'distance', g.step, 'dimension', d.name,
            'requested', d.amount, 'limit', m.amount, 'held', s.held, 'used', s.used, 'releasing', s.releasing
          ) into v_refusal
          from unnest(v_parent.path) with ordinality g(node, step)
          cross join lateral (
            select v_dimensions[k] as name, v_figures[3 * k - 2] + v_figures[3 * k - 1] + v_figures[3 * k] as amount, k
            from generate_subscripts(v_dimensions, 1) k
          ) d
          join lateral (
            select n.limit_amounts[array_position(n.limit_dimensions, d.name)] as amount from nodes n where n.id = g.node
          ) m on m.amount is not null
          cross join lateral figures_of(g.node, d.name) s
          where g.node = any(v_gains) and d.amount > 0 and s.held + s.used + s.releasing + d.amount > m.amount
          order by g.step, d.name collate "C" limit 1;
          if v_refusal is not null then perform refuse_change(v_refusal); end if;
        end if;
        perform carry(v_gains, v_dimensions, v_figures, 1, p_since, p_position);
        perform carry(v_loses, v_dimensions, v_figures, -1, p_since, p_position);
      end if;
      update nodes n set
        parent_id = case when n.id = v_id then v_parent.id else n.parent_id end,
        path = n.path[:array_position(n.path, v_id)] || v_parent.path,
        charge_path = array_remove(n.path[:array_position(n.path, v_id)] || v_parent.path || n.binding_id, null)
      where n.path @> array[v_id];
      insert into node_paths select n.id, p_position, n.charge_path from nodes n where n.path @> array[v_id]
      on conflict (node, position) do update set charge_path = excluded.charge_path;
      update log set tree_version = tree_version + 1;

    when 'token-issued' then
      v_id := (c ->> 'projectId')::uuid;
      if not exists (select from nodes where id = v_id and kind = 'project' and removed_at is null) then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', v_id));
      end if;
      insert into tokens (id, project_id, actor_id, role, secret_hash, issued_at, expires_at)
      values (
        (c ->> 'tokenId')::uuid, v_id, (c ->> 'actorId')::uuid, c ->> 'role', c ->> 'secretHash', p_at,
        (c ->> 'expiresAt')::timestamptz
      );

    when 'token-revoked' then
      update tokens set revoked_at = coalesce(revoked_at, p_at) where id = (c ->> 'tokenId')::uuid;
      if not found then
        perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', c ->> 'tokenId'));
      end if;

    else
      raise exception 'unknown change %', c ->> 'change' using errcode = '22023';
    end case;
  end loop;
  foreach v_id in array p_projects loop
    if not exists (select from nodes where id = v_id and (removed_at is null or removed_at = p_position)) then
      perform refuse_change(json_build_object('status', 'conflict', 'on', 'tree', 'what', v_id));
    end if;
  end loop;
end
$$;

create function refuse_change(p_verdict json) returns void
language plpgsql
as $$
begin
  raise exception 'the change cannot be' using errcode = 'SA001', detail = p_verdict::text;
end
$$;

-- Held, used and releasing of one node in one dimension, as of the newest row of the ledger.
create function figures_of(p_node uuid, p_dimension text, out held bigint, out used bigint, out releasing bigint)
language sql stable
as $$
  select coalesce(l.figures[3 * k - 2], 0), coalesce(l.figures[3 * k - 1], 0), coalesce(l.figures[3 * k], 0)
  from (values (1)) one(x)
  left join lateral (
    select q.figures, array_position(q.dimensions, p_dimension) as k
    from quota_ledger q where q.node = p_node order by q.position desc limit 1
  ) l on true
$$;

-- Adds (or takes away) figures at nodes: what a move does to the nodes that gain or lose the subtree.
create function carry(
  p_nodes uuid[], p_dimensions text[], p_figures bigint[], p_sign int, p_since bigint, p_position bigint
) returns void
language plpgsql
as $$
declare
  v_node uuid;
  v_dimensions text[];
  v_figures bigint[];
  k int;
begin
  foreach v_node in array p_nodes loop
    select coalesce(max(q.dimensions), '{}'), coalesce(max(q.figures), '{}') into v_dimensions, v_figures from (
      select dimensions, figures from quota_ledger where node = v_node order by position desc limit 1
    ) q;
    for i in 1 .. cardinality(p_dimensions) loop
      k := array_position(v_dimensions, p_dimensions[i]);
      if k is null then
        v_dimensions := v_dimensions || p_dimensions[i];
        v_figures := v_figures || '{0,0,0}'::bigint[];
        k := cardinality(v_dimensions);
      end if;
      for part in 0 .. 2 loop
        v_figures[3 * k - part] := v_figures[3 * k - part] + p_sign * p_figures[3 * i - part];
      end loop;
    end loop;
    insert into quota_ledger (node, position, since, dimensions, figures)
    values (v_node, p_position, p_since, v_dimensions, v_figures)
    on conflict (node, position) do update set dimensions = excluded.dimensions, figures = excluded.figures;
  end loop;
end
$$;

create function append_batch(
  p_tree bigint,
  -- The batch names an append, key or stream twice: go through it one by one.
  p_careful boolean,
  p_changes json,
  a_id uuid[], a_command boolean[], a_scope text[], a_key text[], a_fingerprint text[], a_answer text[],
  a_meta text[], a_operation uuid[], a_part uuid[],
  s_name text[], s_expected int[],
  t_append int[], t_stream int[], t_project int[], t_expected int[], t_events int[],
  e_entry int[], e_id uuid[], e_type text[], e_schema int[], e_data text[], e_charges text[], e_content bytea[],
  p_id uuid[], p_known boolean[],
  n_id uuid[], n_slots int[], d_name text[],
  -- Slots, grouped by node: what the whole batch adds, and the sum of what its appends add where they add.
  g_dimension int[], g_held bigint[], g_used bigint[], g_releasing bigint[], g_up bigint[],
  -- The same for each append, nearest node first.
  x_append int[], x_slot int[], x_distance int[], x_held bigint[], x_used bigint[], x_releasing bigint[],
  out first_position bigint, out recorded_at text, out verdicts text
)
language plpgsql
security definer
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_head bigint;
  v_hash bytea;
  v_at timestamptz;
  v_us bytea;
  v_position bigint;
  v_fast boolean;
  v_known boolean;
  v_tree bigint;
  v_verdicts json[];
  v_refusal json;
  v_detail text;
  v_appends int := cardinality(a_id);
  s_version int[];
  s_last bigint[];
  s_touched int[] := '{}'::int[];
  s_project int[] := '{}'::int[];
  e_position bigint[] := '{}'::bigint[];
  e_hash bytea[] := '{}'::bytea[];
  e_previous bigint[] := '{}'::bigint[];
  e_version int[] := '{}'::int[];
  a_position bigint[] := '{}'::bigint[];
  -- The working state of the ledger: all dimensions of all touched nodes, one node after the other.
  z_dimension text[] := '{}'::text[];
  z_figures bigint[] := '{}'::bigint[];
  z_from int[] := '{}'::int[];
  z_touched boolean[] := '{}'::boolean[];
  slot_at int[] := '{}'::int[];
  slot_node int[] := '{}'::int[];
  slot_limit bigint[] := '{}'::bigint[];
  r record;
  i int;
  j int;
  k int;
  e int;
  s int;
  v_slot int := 0;
  v_from int;
  v_previous bigint;
  x int;
  x_next int;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'the commit lane needs read committed' using errcode = '25001';
  end if;
  perform pg_advisory_xact_lock(7301954416);

  -- One statement for all that is read before the quota: each costs the same again at its start.
  select l.tree_version, h.position, h.hash, h.recorded_at, st.versions, st.lasts,
    exists (
      select from unnest(a_id) g(id)
      cross join lateral (select from appends a where a.append_id = g.id offset 0) known
    ) or exists (
      select from unnest(a_scope, a_key) g(scope, key)
      cross join lateral (select from appends a where a.scope = g.scope and a.key = g.key and a.key is not null offset 0) known
    )
  into v_tree, v_head, v_hash, v_at, s_version, s_last, v_known
  from log l
  left join lateral (
    select ev.position, ev.hash, ev.recorded_at from events ev order by ev.position desc limit 1
  ) h on true
  cross join lateral (
    select array_agg(coalesce(m.version, 0) order by g.ord) as versions, array_agg(m.last order by g.ord) as lasts
    from unnest(s_name) with ordinality g(name, ord)
    left join lateral (select s.version, s.last from streams s where s.stream = g.name offset 0) m on true
  ) st;
  if v_tree <> p_tree then
    verdicts := 'stale-tree';
    return;
  end if;
  v_head := coalesce(v_head, 0);
  v_hash := coalesce(v_hash, decode(repeat('00', 32), 'hex'));
  v_at := greatest(v_at, clock_timestamp());
  v_us := int8send((extract(epoch from v_at) * 1000000)::bigint);
  first_position := v_head + 1;
  recorded_at := to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
  v_fast := not (p_careful or p_changes is not null or v_known or false = any(p_known)) and s_version = s_expected;

  -- The state of every touched node, and whether the batch fits as a whole.
  for r in
    select g.ord::int as ord, m.limit_dimensions, m.limit_amounts, l.dimensions, l.figures
    from unnest(n_id) with ordinality g(id, ord)
    cross join lateral (select nd.limit_dimensions, nd.limit_amounts from nodes nd where nd.id = g.id offset 0) m
    left join lateral (
      select q.dimensions, q.figures from quota_ledger q where q.node = g.id order by q.position desc limit 1
    ) l on true
    order by g.ord
  loop
    v_from := cardinality(z_dimension);
    z_from := z_from || v_from;
    z_touched := z_touched || false;
    if r.dimensions is not null then
      z_dimension := z_dimension || r.dimensions;
      z_figures := z_figures || r.figures;
    end if;
    for i in 1 .. n_slots[r.ord] loop
      v_slot := v_slot + 1;
      k := array_position(r.dimensions, d_name[g_dimension[v_slot]]);
      if k is null then
        z_dimension := z_dimension || d_name[g_dimension[v_slot]];
        z_figures := z_figures || '{0,0,0}'::bigint[];
        k := cardinality(z_dimension);
      else
        k := v_from + k;
      end if;
      slot_at[v_slot] := k;
      slot_node[v_slot] := r.ord;
      j := array_position(r.limit_dimensions, d_name[g_dimension[v_slot]]);
      if j is not null then
        slot_limit[v_slot] := r.limit_amounts[j];
        if g_up[v_slot] > 0
          and z_figures[3 * k - 2] + z_figures[3 * k - 1] + z_figures[3 * k] + g_up[v_slot] > slot_limit[v_slot]
        then
          v_fast := false;
        end if;
      end if;
    end loop;
  end loop;

  if v_fast then
    for i in 1 .. v_slot loop
      k := 3 * slot_at[i];
      z_figures[k - 2] := z_figures[k - 2] + g_held[i];
      z_figures[k - 1] := z_figures[k - 1] + g_used[i];
      z_figures[k] := z_figures[k] + g_releasing[i];
    end loop;
  end if;

  v_position := v_head;
  e := 0;
  j := 1; -- next entry
  x_next := 1;
  for i in 1 .. v_appends loop
    if not v_fast then
      v_refusal := null;
      -- Committed before, or earlier in this batch?
      select json_build_object(
        'status', 'replayed', 'position', a.position,
        'recordedAt', (select to_char(ev.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') from events ev where ev.position = a.position)
      ) into v_refusal from appends a where a.append_id = a_id[i];
      if v_refusal is null then
        for k in 1 .. i - 1 loop
          if a_id[k] = a_id[i] and a_position[k] is not null then
            v_refusal := json_build_object(
              'status', 'replayed', 'position', a_position[k],
              'recordedAt', to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            );
          end if;
        end loop;
      end if;
      if v_refusal is null and a_key[i] is not null then
        select json_build_object('status', 'key-known', 'fingerprint', a.fingerprint, 'answer', a.answer, 'position', a.position)
        into v_refusal from appends a where a.scope = a_scope[i] and a.key = a_key[i] and a.key is not null;
        if v_refusal is null then
          for k in 1 .. i - 1 loop
            if a_scope[k] = a_scope[i] and a_key[k] = a_key[i] and a_position[k] is not null then
              v_refusal := json_build_object(
                'status', 'key-known', 'fingerprint', a_fingerprint[k], 'answer', a_answer[k]::json, 'position', a_position[k]
              );
            end if;
          end loop;
        end if;
      end if;
      k := j;
      if p_changes is null then
        while v_refusal is null and k <= cardinality(t_append) and t_append[k] = i loop
          -- What ends in a project or binding that was removed meanwhile is still written: it has nothing to charge.
          if not p_known[t_project[k]] and (
            a_command[i]
            or not exists (select from nodes nd where nd.id = p_id[t_project[k]])
            or exists (
              select from unnest(e_entry, e_charges) g(entry, charges) where t_append[g.entry] = i and g.charges is not null
            )
          ) then
            v_refusal := json_build_object('status', 'conflict', 'on', 'tree', 'what', p_id[t_project[k]]);
          end if;
          k := k + 1;
        end loop;
      end if;
      k := j;
      while v_refusal is null and k <= cardinality(t_append) and t_append[k] = i loop
        if s_version[t_stream[k]] <> t_expected[k] then
          v_refusal := json_build_object('status', 'conflict', 'on', 'stream', 'what', s_name[t_stream[k]]);
        end if;
        k := k + 1;
      end loop;
      if v_refusal is null and p_changes is not null then
        begin
          perform apply_changes(p_changes, a_command[i], p_id, first_position, v_head + cardinality(e_id), v_at);
        exception when sqlstate 'SA001' then
          get stacked diagnostics v_detail = pg_exception_detail;
          v_refusal := v_detail::json;
        end;
      end if;
      x := x_next;
      while x <= cardinality(x_append) and x_append[x] = i loop
        if v_refusal is null and a_command[i] and x_held[x] + x_used[x] + x_releasing[x] > 0 then
          k := 3 * slot_at[x_slot[x]];
          if z_figures[k - 2] + z_figures[k - 1] + z_figures[k] + x_held[x] + x_used[x] + x_releasing[x] > slot_limit[x_slot[x]] then
            select json_build_object(
              'status', 'over-quota', 'node', nd.id, 'nodeKind', nd.kind, 'distance', x_distance[x],
              'dimension', d_name[g_dimension[x_slot[x]]], 'requested', x_held[x] + x_used[x] + x_releasing[x],
              'limit', slot_limit[x_slot[x]], 'held', z_figures[k - 2], 'used', z_figures[k - 1], 'releasing', z_figures[k]
            ) into v_refusal from nodes nd where nd.id = n_id[slot_node[x_slot[x]]];
          end if;
        end if;
        x := x + 1;
      end loop;
      if v_refusal is null then
        for y in x_next .. x - 1 loop
          k := 3 * slot_at[x_slot[y]];
          z_figures[k - 2] := z_figures[k - 2] + x_held[y];
          z_figures[k - 1] := z_figures[k - 1] + x_used[y];
          z_figures[k] := z_figures[k] + x_releasing[y];
          z_touched[slot_node[x_slot[y]]] := true;
        end loop;
      end if;
      x_next := x;
      v_verdicts[i] := v_refusal;
    end if;

    while j <= cardinality(t_append) and t_append[j] = i loop
      if v_fast or v_verdicts[i] is null then
        s := t_stream[j];
        v_previous := s_last[s];
        for k in 1 .. t_events[j] loop
          e := e + 1;
          v_position := v_position + 1;
          v_hash := sha256(v_hash || int8send(v_position) || v_us || e_content[e]);
          e_position[e] := v_position;
          e_hash[e] := v_hash;
          e_previous[e] := v_previous;
          e_version[e] := t_expected[j] + k;
          v_previous := v_position;
        end loop;
        s_last[s] := v_previous;
        s_version[s] := t_expected[j] + t_events[j];
        s_project[s] := t_project[j];
        s_touched[s] := 1;
      else
        for k in 1 .. t_events[j] loop
          e := e + 1;
          e_position[e] := null;
        end loop;
      end if;
      j := j + 1;
    end loop;
    a_position[i] := case when v_fast or v_verdicts[i] is null then v_position end;
  end loop;

  if v_position > v_head then
    insert into events (
      position, id, stream, version, previous, type, schema_version, project_id, operation_id, part_id,
      data, charges, meta, recorded_at, content_hash, hash
    )
    select g.position, g.id, s_name[t_stream[g.entry]], g.version, g.previous, g.type, g.schema, p_id[t_project[g.entry]],
      a_operation[t_append[g.entry]], a_part[t_append[g.entry]], g.data::json, g.charges::json, a_meta[t_append[g.entry]]::json,
      v_at, g.content, g.hash
    from unnest(e_position, e_id, e_entry, e_version, e_previous, e_type, e_schema, e_data, e_charges, e_content, e_hash)
      g(position, id, entry, version, previous, type, schema, data, charges, content, hash)
    where g.position is not null;

    if v_fast and 0 = all(s_expected) then
      insert into streams (stream, version, last, project_id)
      select g.name, g.version, g.last, p_id[g.project]
      from unnest(s_name, s_version, s_last, s_project) g(name, version, last, project);
    else
      insert into streams (stream, version, last, project_id)
      select g.name, g.version, g.last, p_id[g.project]
      from unnest(s_name, s_version, s_last, s_project, s_touched) g(name, version, last, project, touched)
      where g.touched = 1
      on conflict (stream) do update set version = excluded.version, last = excluded.last, project_id = excluded.project_id;
    end if;

    insert into appends (append_id, position, scope, key, fingerprint, answer)
    select g.id, g.position, g.scope, g.key, g.fingerprint, g.answer::json
    from unnest(a_id, a_position, a_scope, a_key, a_fingerprint, a_answer) g(id, position, scope, key, fingerprint, answer)
    where g.position is not null;

    z_from := z_from || cardinality(z_dimension);
    insert into quota_ledger (node, position, since, dimensions, figures)
    select g.id, v_position, first_position, z_dimension[z_from[g.ord] + 1 : z_from[g.ord + 1]],
      z_figures[3 * z_from[g.ord] + 1 : 3 * z_from[g.ord + 1]]
    from unnest(n_id, z_touched) with ordinality g(id, touched, ord)
    where v_fast or g.touched;

    perform pg_notify('strata_log', v_position::text);
  end if;

  if not v_fast then
    select json_agg(g.verdict order by g.ord)::text into verdicts from unnest(v_verdicts) with ordinality g(verdict, ord);
  end if;
end
$$;

-- The charge paths of projects, and the version of the tree that they hold for. One row without an id when there are none.
create function charge_paths(p_ids uuid[]) returns table (version bigint, id uuid, path uuid[])
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select l.tree_version, n.id, n.charge_path
  from log l left join nodes n on n.id = any(p_ids) and n.removed_at is null
$$;

alter function apply_changes owner to strata_lane;
alter function refuse_change owner to strata_lane;
alter function figures_of owner to strata_lane;
alter function carry owner to strata_lane;
alter function append_batch owner to strata_lane;
alter function charge_paths owner to strata_lane;
revoke all on function apply_changes, refuse_change, figures_of, carry, append_batch, charge_paths from public;
grant execute on function append_batch, charge_paths to strata_api, strata_worker;

-- Where the log ends is nobody's secret: the view reads as the lane's owner.
create view log_end as select ev.position, ev.recorded_at from events ev order by ev.position desc limit 1;
alter view log_end owner to strata_lane;
grant select on log_end to strata_api, strata_worker;

-- Everything a command needs, in one call and one snapshot: sets whose eyes read for this transaction, then reads key, project and
-- streams under row-level security. A stream is read by walking back from its last event.
create function load(
  p_all boolean, p_grants uuid[], p_scope text, p_key text, p_project uuid, p_streams text[], p_up_to bigint,
  out head bigint, out known json, out project json, out streams json
)
language plpgsql stable
security invoker
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_last bigint[];
begin
  perform set_config('strata.sight', case when p_all then 'all' else 'grants' end, true),
    set_config('strata.grants', p_grants::text, true),
    set_config('strata.scope', coalesce(p_scope, ''), true);

  select
    coalesce((select le.position from log_end le), 0),
    (
      select json_build_object('fingerprint', a.fingerprint, 'answer', a.answer, 'position', a.position)
      from appends a where a.scope = p_scope and a.key = p_key and a.key is not null
    ),
    (
      select json_build_object(
        'projectId', n.id, 'name', n.name, 'parentId', n.parent_id, 'bindingId', n.binding_id, 'path', n.path
      )
      from nodes n
      where n.id = p_project and n.kind = 'project' and (n.removed_at is null or n.removed_at > p_up_to)
    ),
    array(select st.last from streams st where st.stream = any(p_streams))
  into head, known, project, v_last;

  -- Apart from the rest: for a stream that is new this would only cost its start.
  if v_last <> '{}' then
    with recursive walk as (
      select e.* from unnest(v_last) g(last)
      cross join lateral (select ev.* from events ev where ev.position = g.last offset 0) e
      union all
      select e.* from walk w
      cross join lateral (select ev.* from events ev where ev.position = w.previous offset 0) e
    )
    select json_agg(json_build_array(
      w.position, w.id, w.stream, w.version, w.type, w.schema_version, w.project_id, w.data, w.charges, w.meta,
      to_char(w.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), encode(w.hash, 'hex')
    ) order by w.position) into streams
    from walk w where p_up_to is null or w.position <= p_up_to;
  end if;
end
$$;
alter function load owner to strata_owner;

-- A page of the log, as far as the reader sees it.
create function read_log(
  p_all boolean, p_grants uuid[], p_after bigint, p_limit int, p_project uuid, p_operation uuid, p_up_to bigint
) returns setof events
language plpgsql stable
security invoker
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
begin
  perform set_config('strata.sight', case when p_all then 'all' else 'grants' end, true),
    set_config('strata.grants', p_grants::text, true);
  if p_operation is not null then
    return query
      select * from (
        select ev.* from events ev where ev.operation_id = p_operation
        union all
        select ev.* from events ev where ev.part_id = p_operation
      ) own
      where own.position > p_after and (p_up_to is null or own.position <= p_up_to)
        and (p_project is null or own.project_id = p_project)
      order by own.position limit p_limit;
  elsif p_project is not null then
    return query
      select * from events ev
      where ev.project_id = p_project and ev.position > p_after and ev.position <= coalesce(p_up_to, 9223372036854775807)
      order by ev.position limit p_limit;
  else
    return query
      select * from events ev
      where ev.position > p_after and ev.position <= coalesce(p_up_to, 9223372036854775807)
      order by ev.position limit p_limit;
  end if;
end
$$;
alter function read_log owner to strata_owner;

-- Facts about the log itself, which are nobody's project: where it ends, and where it stood at a time.
create function log_head() returns table (head bigint, incarnation text, recorded_at text)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select coalesce(e.position, 0), l.incarnation, to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  from log l
  left join lateral (select ev.position, ev.recorded_at from events ev order by ev.position desc limit 1) e on true
$$;

-- recorded_at never runs backwards along positions, so that the place is found by halving.
create function log_position_at(p_at timestamptz) returns bigint
language plpgsql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_low bigint := 0;
  v_high bigint := coalesce((select ev.position from events ev order by ev.position desc limit 1), 0);
  v_middle bigint;
begin
  while v_low < v_high loop
    v_middle := (v_low + v_high + 1) / 2;
    if (select ev.recorded_at <= p_at from events ev where ev.position = v_middle) then
      v_low := v_middle;
    else
      v_high := v_middle - 1;
    end if;
  end loop;
  return v_low;
end
$$;
alter function log_head owner to strata_lane;
alter function log_position_at owner to strata_lane;
revoke all on function log_head, log_position_at from public;
grant execute on function log_head, log_position_at to strata_api, strata_worker;
