-- Each disk as answers show it, so that a page of many is neither taken apart nor put together again for each reader. Null in
-- rows of before: those are shown from `doc`, until they change or the view is made anew (`strata view rebuild disks`).
alter table view_disks add column shown text;
