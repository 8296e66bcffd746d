-- Whose token an actor uses, so that whoever issued it can be told. An actor has one; it is kept when it is revoked, and when its
-- project is gone.
create index tokens_of_actor on tokens (actor_id);

create function find_token_of_actor(p_actor uuid)
returns table (
  id uuid, project_id uuid, actor_id uuid, role text, secret_hash text, issued_at timestamptz, expires_at timestamptz,
  revoked_at timestamptz
)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select t.id, t.project_id, t.actor_id, t.role, t.secret_hash, t.issued_at, t.expires_at, t.revoked_at
  from tokens t where t.actor_id = p_actor
$$;

alter function find_token_of_actor owner to strata_lane;
revoke all on function find_token_of_actor from public;
grant execute on function find_token_of_actor to strata_api, strata_worker;
