-- A stream can go over to another project: its next event is of that project, and from then on so is the stream. Where it was
-- before is kept here, so that the project that it left still reads it as of then. `last` is the newest event there, `until`
-- the position of the first one elsewhere. Insert-only.
create table stream_stays (
  stream text not null,
  until bigint not null,
  project_id uuid not null,
  last bigint not null,
  constraint stream_stays_pkey primary key (stream, until)
);
alter table stream_stays owner to strata_owner;
grant select, insert on stream_stays to strata_lane;
grant select on stream_stays to strata_api, strata_worker;

alter table stream_stays enable row level security;
alter table stream_stays force row level security;
create policy lane on stream_stays to strata_lane using (true) with check (true);
create policy worker on stream_stays to strata_worker using (true) with check (true);
create policy api on stream_stays for select to strata_api using (
  (select current_setting('strata.sight', true)) = 'all'
  or exists (select from nodes n where n.id = stream_stays.project_id)
);

-- Walks back over the events in the new project: the first of them ends the stay, the one before it was its last.
create function keep_stay() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
  with recursive walk as (
    select ev.position, ev.previous from events ev where ev.position = new.last
    union all
    select ev.position, ev.previous from walk w join events ev on ev.position = w.previous
    where ev.project_id = new.project_id
  )
  insert into stream_stays (stream, until, project_id, last)
  select new.stream, w.position, old.project_id, w.previous from walk w order by w.position limit 1;
  return null;
end
$$;
alter function keep_stay owner to strata_lane;
revoke all on function keep_stay from public;

create trigger stream_moved after update on streams
for each row when (old.project_id is distinct from new.project_id) execute function keep_stay();

-- As before, and of the past: a stream is read back from where it stood then. The stay that held at a position is the first that
-- ended after it; whoever sees neither that one nor the events of then finds nothing.
create or replace function load(
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

  if p_up_to is not null then
    v_last := array(
      select found.last
      from (select distinct name from unnest(p_streams) name) g
      cross join lateral (
        select coalesce(
          (
            select sy.last from stream_stays sy
            where sy.stream = g.name and sy.until > p_up_to order by sy.until limit 1
          ),
          (select st.last from streams st where st.stream = g.name)
        ) as last
      ) found
      where found.last is not null
    );
  end if;

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
