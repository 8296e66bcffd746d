import type { IncomingHttpHeaders } from 'node:http';

/** Ascending: an operator may what a viewer may. Inherited down the tree of projects. */
export type Role = 'viewer' | 'operator' | 'admin';
export type PlatformRole = 'platform-admin' | 'auditor';

export interface Caller {
  /** Opaque: who that is stands in `people`. */
  readonly actorId: string;
  readonly kind: 'service-token';
  readonly tokenId: string;
  readonly grants: readonly { readonly projectId: string; readonly role: Role }[];
  readonly platformRoles: readonly PlatformRole[];
}

/** Who is asking? `null` when the headers carry no token, or a bad one: the caller learns only that it is `401`. */
export abstract class Authenticator {
  abstract authenticate(headers: IncomingHttpHeaders): Promise<Caller | null>;
}
