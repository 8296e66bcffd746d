import type { ProjectId } from '@strata/kernel';
import type { Sight } from './event-store.js';

/** A service token as the lane keeps it; never with its secret. */
export interface TokenRecord {
  readonly tokenId: string;
  readonly projectId: ProjectId;
  readonly actorId: string;
  readonly role: string;
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  /** RFC 3339 UTC, as the others. */
  readonly issuedAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

export abstract class TokenStore {
  /** Under nobody's sight: this is how a caller becomes known. */
  abstract find(tokenId: string): Promise<TokenRecord | undefined>;

  /** The one that the actor uses, also when it is revoked or its project is gone; each actor has one at most. */
  abstract findByActor(actorId: string): Promise<TokenRecord | undefined>;

  /** Of one project, in the order of their ids; `after` exclusive. */
  abstract list(request: {
    readonly sight: Sight;
    readonly projectId: ProjectId;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<readonly TokenRecord[]>;
}

/** Who actors are: the only place for it, so that it can be erased. */
export abstract class People {
  abstract names(actorIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  abstract remember(actorId: string, name: string, email?: string): Promise<void>;
  /**
   * At the position of the log that told it; of several the one with the greatest stays, in whatever order they come. Who was
   * forgotten, or never had a name, stays without.
   */
  abstract rename(actorId: string, name: string, position: number): Promise<void>;
  /** From then on the id stands for nobody. */
  abstract forget(actorId: string): Promise<void>;
}
