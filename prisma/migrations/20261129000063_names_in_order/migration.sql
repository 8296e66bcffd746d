-- Up to which position of the log a name is that of the newest renaming: what was renamed before does not overwrite it.
alter table people add column named_at bigint not null default 0;
