-- The newest part of the log for a process that hands it on to many readers. It is read with everybody's eyes: each event comes
-- with the path of its project as of this snapshot, and the process gives it to those whose grants meet that path, which is
-- what the policy on events says too. `p_after` and `p_most` bound the positions looked at, not the events found.
create function tail_log(
  p_after bigint, p_most int, p_whole boolean, p_projects uuid[], p_operations uuid[], p_streams text[],
  out incarnation text, out through bigint, out events json
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
  v_through bigint;
begin
  perform set_config('strata.sight', 'all', true);
  select l.incarnation, least(coalesce((select le.position from log_end le), 0), p_after + p_most)
    into incarnation, v_through from log l;
  through := v_through;
  if v_through <= p_after then
    return;
  end if;
  select json_agg(json_build_array(
    ev.position, ev.id, ev.stream, ev.version, ev.type, ev.schema_version, ev.project_id, ev.data, ev.charges, ev.meta,
    to_char(ev.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), encode(ev.hash, 'hex'),
    ev.operation_id, ev.part_id, n.path
  ) order by ev.position) into events
  from events ev left join nodes n on n.id = ev.project_id
  where ev.position > p_after and ev.position <= v_through
    and (p_whole or ev.project_id = any(p_projects) or ev.operation_id = any(p_operations)
      or ev.part_id = any(p_operations) or ev.stream = any(p_streams));
end
$$;
alter function tail_log owner to strata_owner;
