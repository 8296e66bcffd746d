-- Idempotency keys are kept for some days. They are walked by `append_id`, whose order is that of time (UUIDv7), a piece at a
-- time, so that emptying them costs the lane no index of its own. The row stays: it answers `replayed`.
create function forget_keys(p_after uuid, p_before uuid, p_most int) returns uuid
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_last uuid;
begin
  select a.append_id into v_last from (
    select append_id from appends where append_id > p_after and append_id < p_before order by append_id limit p_most
  ) a order by a.append_id desc limit 1;
  update appends set scope = null, key = null, fingerprint = null, answer = null
   where append_id > p_after and append_id <= v_last and key is not null;
  return v_last;
end
$$;
alter function forget_keys owner to strata_lane;
revoke all on function forget_keys from public;
grant execute on function forget_keys to strata_worker;
