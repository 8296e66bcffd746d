-- Which streams a step will fold, so that it loads them together with its operation in one query.
alter table operation_schedule add column resources text[] not null default '{}';
