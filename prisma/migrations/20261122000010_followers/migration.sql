-- Checkpoints become insert-only: a row is a step of a follower from one position to the next, the newest row its
-- checkpoint. Two steps from one position cannot both be: that is the compare-and-set. A row updated by every batch would
-- pile up dead versions behind any long snapshot (a backup, say), and every list of a view reads its checkpoint.
alter table checkpoints add column after bigint not null default -1;
alter table checkpoints drop constraint checkpoints_pkey;
alter table checkpoints add constraint checkpoints_pkey primary key (follower, after);
alter table checkpoints add constraint checkpoints_go_on check (position > after);
alter table checkpoints reset (fillfactor);
alter table checkpoints alter column after drop default;

-- Which event types a follower knows: a writer emits a new one only when all live followers know it.
alter table follower_state add column knows text[] not null default '{}';

-- Lists: one index for each order, read in both directions; text by code points. Few rows of a filter are found by the
-- filter's index and sorted, many by the order's.
create index view_disks_by_name on view_disks (generation, name collate "C", key) where valid_to is null;
create index view_disks_by_size on view_disks (generation, size_gib, key) where valid_to is null;
create index view_disks_by_change on view_disks (generation, updated_at, key) where valid_to is null;
create index view_disks_by_status on view_disks (generation, status collate "C", key) where valid_to is null;
create index view_disks_by_type on view_disks (generation, type collate "C", key) where valid_to is null;
create index view_disks_by_zone on view_disks (generation, availability_zone collate "C", key) where valid_to is null;
create index view_disks_by_cloud_id on view_disks (generation, cloud_id collate "C", key) where valid_to is null;
create index view_disks_by_tag on view_disks using gin (tags jsonb_path_ops) where valid_to is null;

create index view_operations_by_status on view_operations (generation, status collate "C", key) where valid_to is null;
create index view_operations_by_kind on view_operations (generation, kind collate "C", key) where valid_to is null;
create index view_operations_by_start on view_operations (generation, started_at, key) where valid_to is null;
create index view_operations_by_end on view_operations (generation, ended_at, key) where valid_to is null;
create index view_operations_by_target on view_operations using gin (target_ids) where valid_to is null;
create index view_operations_parts on view_operations (part_of) where valid_to is null and part_of is not null;
create index view_operations_retries on view_operations (retry_of) where valid_to is null and retry_of is not null;

create index view_projects_by_name on view_projects (generation, name collate "C", key) where valid_to is null;
create index view_projects_by_parent on view_projects (parent_id) where valid_to is null and parent_id is not null;
