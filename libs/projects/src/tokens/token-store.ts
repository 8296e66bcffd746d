import type { Role } from '../project/index.js';

export interface StoredToken {
  readonly tokenId: string;
  readonly projectId: string;
  readonly actorId: string;
  readonly role: Role;
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  /** RFC 3339 */
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** Tokens as the lane keeps them. */
export abstract class TokenStore {
  abstract find(tokenId: string): Promise<StoredToken | undefined>;
}
