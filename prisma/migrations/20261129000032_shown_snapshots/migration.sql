-- Each snapshot as answers show it, as of disks. Null in rows of before: those are shown from `doc`, until they change or the
-- view is made anew (`strata view rebuild snapshots`).
alter table view_snapshots add column shown text;
