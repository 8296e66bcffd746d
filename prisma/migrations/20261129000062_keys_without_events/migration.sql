-- A request that changed nothing is remembered under its key all the same: sent again later, when it would change something, it is
-- answered as it was. Such an append has a key and no event; it stands at the position of the event before it. Otherwise the
-- function is as it was.
create or replace function append_batch(
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
    select coalesce(array_agg(coalesce(m.version, 0) order by g.ord), '{}') as versions, array_agg(m.last order by g.ord) as lasts
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

    z_from := z_from || cardinality(z_dimension);
    insert into quota_ledger (node, position, since, dimensions, figures)
    select g.id, v_position, first_position, z_dimension[z_from[g.ord] + 1 : z_from[g.ord + 1]],
      z_figures[3 * z_from[g.ord] + 1 : 3 * z_from[g.ord + 1]]
    from unnest(n_id, z_touched) with ordinality g(id, touched, ord)
    where v_fast or g.touched;

    perform pg_notify('strata_log', v_position::text);
  end if;

  insert into appends (append_id, position, scope, key, fingerprint, answer)
  select g.id, g.position, g.scope, g.key, g.fingerprint, g.answer::json
  from unnest(a_id, a_position, a_scope, a_key, a_fingerprint, a_answer) g(id, position, scope, key, fingerprint, answer)
  where g.position is not null;

  if not v_fast then
    select json_agg(g.verdict order by g.ord)::text into verdicts from unnest(v_verdicts) with ordinality g(verdict, ord);
  end if;
end
$$;
