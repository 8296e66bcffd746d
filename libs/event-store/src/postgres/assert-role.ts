import type { Pool } from 'pg';

/** The role would see and change what row-level security keeps from it: a process must not start with it. */
export class UnsafeRole extends Error {
  override readonly name = 'UnsafeRole';
}

/** Refuses a role that row-level security does not bind: a superuser, `bypassrls`, or one that owns (or can become the owner of) the tables. */
export const assertRole = async (pool: Pool): Promise<void> => {
  const { rows } = await pool.query<{ role: string; fault: string | null }>(`
    select current_user as role, case
      when r.rolsuper then 'is a superuser'
      when r.rolbypassrls then 'bypasses row-level security'
      when exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relrowsecurity and pg_has_role(r.oid, c.relowner, 'member')
      ) then 'owns the tables'
      when pg_has_role(r.oid, 'strata_lane', 'member') then 'can act as the commit lane'
      when exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relname = 'events' and not (c.relrowsecurity and c.relforcerowsecurity)
      ) then 'meets a log without forced row-level security'
    end as fault
    from pg_roles r where r.rolname = current_user`);
  const [found] = rows;
  if (found?.fault)
    throw new UnsafeRole(`The database role "${found.role}" ${found.fault}; use strata_api or strata_worker`);
};
