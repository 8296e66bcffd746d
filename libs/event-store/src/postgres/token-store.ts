import type { Pool } from 'pg';
import type { ProjectId } from '@strata/kernel';
import type { Sight } from '../event-store.js';
import { People, type TokenRecord, TokenStore } from '../token-store.js';
import { grantsOf } from './grants.js';

interface TokenRow {
  readonly id: string;
  readonly project_id: string;
  readonly actor_id: string;
  readonly role: string;
  readonly secret_hash: string;
  readonly issued_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

const recordFrom = (row: TokenRow): TokenRecord => ({
  tokenId: row.id,
  projectId: row.project_id as ProjectId, // parsed before it was stored
  actorId: row.actor_id,
  role: row.role,
  secretHash: row.secret_hash,
  issuedAt: row.issued_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});

export class PostgresTokenStore extends TokenStore {
  constructor(private readonly pool: Pool) {
    super();
  }

  async find(tokenId: string): Promise<TokenRecord | undefined> {
    const { rows } = await this.pool.query<TokenRow>({
      name: 'find_token',
      text: 'select * from find_token($1)',
      values: [tokenId],
    });
    return rows[0] && recordFrom(rows[0]);
  }

  async findByActor(actorId: string): Promise<TokenRecord | undefined> {
    const { rows } = await this.pool.query<TokenRow>({
      name: 'find_token_of_actor',
      text: 'select * from find_token_of_actor($1)',
      values: [actorId],
    });
    return rows[0] && recordFrom(rows[0]);
  }

  async list(request: {
    readonly sight: Sight;
    readonly projectId: ProjectId;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<readonly TokenRecord[]> {
    const { sight, projectId, after, limit } = request;
    const { rows } = await this.pool.query<TokenRow>({
      name: 'list_tokens',
      text: 'select * from list_tokens($1, $2, $3, $4, $5)',
      values: [...grantsOf(sight), projectId, after, limit],
    });
    return rows.map(recordFrom);
  }
}

export class PostgresPeople extends People {
  constructor(private readonly pool: Pool) {
    super();
  }

  async names(actorIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.pool.query<{ actor_id: string; name: string }>(
      'select actor_id, name from people where actor_id = any($1::uuid[]) and name is not null',
      [actorIds],
    );
    return new Map(rows.map(({ actor_id, name }) => [actor_id, name]));
  }

  async remember(actorId: string, name: string, email?: string): Promise<void> {
    await this.pool.query(
      `insert into people (actor_id, name, email) values ($1, $2, $3)
       on conflict (actor_id) do update set name = excluded.name, email = coalesce(excluded.email, people.email), updated_at = now()`,
      [actorId, name, email],
    );
  }

  async rename(actorId: string, name: string, position: number): Promise<void> {
    await this.pool.query(
      'update people set name = $2, named_at = $3, updated_at = now() where actor_id = $1 and named_at <= $3',
      [actorId, name, position],
    );
  }

  async forget(actorId: string): Promise<void> {
    await this.pool.query('delete from people where actor_id = $1', [actorId]);
  }
}
