-- Requests per second of late, fading within some seconds; nothing after a minute: PostgreSQL has no exponential of much less
-- than that, and a budget may be idle for days.
create function cloud_used(used double precision, filled_at timestamptz) returns double precision
language sql volatile
as $$
  select case when used < 1e-6 or clock_timestamp() - filled_at > interval '1 minute' then 0
    else used * exp(-extract(epoch from clock_timestamp() - filled_at)::float8 / 5) end
$$;
alter function cloud_used owner to strata_owner;
