-- Where the log ended, signed once a day by the projector. `key` says which key, so that a key can be changed. The worker's role
-- cannot change or remove a row; an owner can, so the lines are to be kept elsewhere as well.
create table signed_heads (
  key text not null,
  incarnation text not null,
  day date not null,
  position bigint not null,
  hash bytea not null,
  signed_at timestamptz(3) not null,
  algorithm text not null,
  signature text not null,
  constraint signed_heads_pkey primary key (key, incarnation, day)
);
alter table signed_heads owner to strata_owner;
grant select, insert on signed_heads to strata_worker;
