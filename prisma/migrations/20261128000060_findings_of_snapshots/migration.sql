-- Findings are about snapshots, too.
alter table view_findings
  add column resource text not null default 'disk',
  add column snapshot_id uuid;
alter table view_findings alter column resource drop default;
