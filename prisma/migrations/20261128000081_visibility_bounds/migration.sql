-- How long what was made may stay invisible in the cloud of a binding, where that was longer than the setting: learnt upwards only.
create table visibility_bounds (
  binding_id uuid not null,
  bound_ms int not null,
  learnt_at timestamptz(6) not null,
  constraint visibility_bounds_pkey primary key (binding_id)
);
alter table visibility_bounds owner to strata_owner;
grant select, insert, update on visibility_bounds to strata_worker;
