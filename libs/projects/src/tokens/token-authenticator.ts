import type { IncomingHttpHeaders } from 'node:http';
import type { TokenRecord, TokenStore } from '@strata/event-store';
import { Authenticator, type Caller } from '@strata/http';
import { GlobalRole, ProjectRole } from '../project/index.js';
import { isSecret, readToken } from './secret.js';

interface Cached {
  readonly token: TokenRecord | undefined;
  readonly readAt: number;
}

export interface TokenCacheBounds {
  /** How late a revocation may be noticed. */
  readonly maxAgeMs: number;
  readonly maxEntries: number;
}

const defaultBounds: TokenCacheBounds = { maxAgeMs: 10_000, maxEntries: 10_000 };

/**
 * Callers by their Strata service token. What the store said of a token is believed for ten seconds, so that a token does not
 * cost a query with every request and a revocation acts soon. The secret is compared each time, in constant time.
 */
export class TokenAuthenticator extends Authenticator {
  readonly #cache = new Map<string, Cached>();

  constructor(
    private readonly tokens: TokenStore,
    private readonly now: () => number = Date.now,
    private readonly bounds: TokenCacheBounds = defaultBounds,
  ) {
    super();
  }

  async authenticate({ authorization }: IncomingHttpHeaders): Promise<Caller | null> {
    const [, text = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    const given = readToken(text);
    if (!given) return null;
    const token = await this.#look(given.tokenId);
    if (!token || !isSecret(given.secret, token.secretHash) || this.#isOver(token)) return null;
    return callerOf(token);
  }

  #isOver({ revokedAt, expiresAt }: TokenRecord): boolean {
    return revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= this.now());
  }

  async #look(tokenId: string): Promise<TokenRecord | undefined> {
    const cached = this.#cache.get(tokenId);
    if (cached && this.now() - cached.readAt < this.bounds.maxAgeMs) return cached.token;
    const readAt = this.now();
    const token = await this.tokens.find(tokenId);
    this.#cache.delete(tokenId);
    this.#cache.set(tokenId, { token, readAt });
    this.#dropOldest();
    return token;
  }

  /** A map keeps the order of insertion: the first is what was read longest ago. */
  #dropOldest(): void {
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > this.bounds.maxEntries && oldest !== undefined) this.#cache.delete(oldest);
  }
}

const callerOf = ({ tokenId, projectId, actorId, role }: TokenRecord): Caller => {
  const everywhere = GlobalRole.safeParse(role);
  const atProject = ProjectRole.safeParse(role);
  return {
    actorId,
    kind: 'service-token',
    tokenId,
    grants: atProject.success ? [{ projectId, role: atProject.data }] : [],
    platformRoles: everywhere.success ? [everywhere.data] : [],
  };
};
