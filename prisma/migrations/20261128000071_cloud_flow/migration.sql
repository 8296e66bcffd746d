-- How requests to clouds flow, over all workers. Of no project: only the platform's own figures are made of it.
create table cloud_budgets (
  endpoint text not null,
  credential text not null,
  -- Requests per second: what is configured, and what the cloud bore when it last asked for fewer.
  configured double precision not null,
  rate double precision not null,
  slowed_at timestamptz(6) not null default '-infinity',
  tokens double precision not null,
  filled_at timestamptz(6) not null,
  -- Requests per second of late, fading.
  used double precision not null default 0,
  granted bigint not null default 0,
  throttled bigint not null default 0,
  constraint cloud_budgets_pkey primary key (endpoint, credential)
) with (fillfactor = 50);

create table cloud_endpoints (
  endpoint text not null,
  state text not null,
  since timestamptz(6) not null,
  -- Open: when it may be tried again; until when somebody tries.
  retry_at timestamptz(6),
  probing_until timestamptz(6),
  -- Probes in a row that were not answered.
  opens int not null default 0,
  cause text,
  -- How often it has opened in all.
  opened bigint not null default 0,
  constraint cloud_endpoints_pkey primary key (endpoint),
  constraint cloud_endpoints_state check (state in ('open', 'closed'))
);

-- What a budget bears by now: after it was halved it grows by a fiftieth of what is configured each second, and no further.
create function cloud_rate(configured double precision, rate double precision, slowed_at timestamptz) returns double precision
language sql volatile
as $$
  select case when slowed_at = '-infinity' then configured
    else least(configured, rate + configured * 0.02 * extract(epoch from clock_timestamp() - slowed_at)::float8) end
$$;
alter function cloud_rate owner to strata_owner;

alter table cloud_budgets owner to strata_owner;
alter table cloud_endpoints owner to strata_owner;
grant select on cloud_budgets, cloud_endpoints to strata_api;
grant select, insert, update, delete on cloud_budgets, cloud_endpoints to strata_worker;

-- What waits for a cloud is woken by its binding when the cloud answers again.
create index operation_schedule_of_cloud on operation_schedule (binding_id) where waiting_for = 'cloud';
