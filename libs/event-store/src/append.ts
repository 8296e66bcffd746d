import type { BindingId, Charge, Dimension, Fact, JsonObject, Limit, ProjectId, StreamId } from '@strata/kernel';

/** Who and what stood behind an append; stored with every event of it. `actorId` is opaque (see `people`). */
export interface Meta {
  readonly actorId: string;
  readonly operationId?: string | undefined;
  /** The event or command that caused this one. */
  readonly causationId?: string | undefined;
  /** Ties together everything that one request set off (the visible operation, else the request). */
  readonly correlationId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface StreamAppend {
  readonly stream: StreamId;
  /** The project that the events belong to and whose path their charges run up. */
  readonly projectId: ProjectId;
  /** Version of the stream that the decision was made on; 0 for a stream that does not exist yet. */
  readonly expectedVersion: number;
  readonly events: readonly Fact<string, object>[];
}

/** What the lane owns and changes in the same commit as the events: the tree, limits, tokens (architecture §2). */
export type LaneChange =
  | {
      readonly change: 'project-added';
      readonly projectId: ProjectId;
      readonly parentId: ProjectId | null;
      readonly bindingId: BindingId | null;
      readonly name: string;
    }
  | { readonly change: 'project-renamed'; readonly projectId: ProjectId; readonly name: string }
  /** Carries the charges of the subtree to the new path; a command may be `over-quota` there. A cycle is a `conflict`. */
  | { readonly change: 'project-moved'; readonly projectId: ProjectId; readonly parentId: ProjectId }
  /** `conflict` while it has children, charges, or disks. */
  | { readonly change: 'project-removed'; readonly projectId: ProjectId }
  | { readonly change: 'binding-added'; readonly bindingId: BindingId }
  | { readonly change: 'binding-removed'; readonly bindingId: BindingId }
  /** Replaces all limits of a node (a project or a binding). Below usage is allowed: no growth, nothing else. */
  | {
      readonly change: 'limits-set';
      readonly node: ProjectId | BindingId;
      readonly limits: readonly { readonly dimension: Dimension; readonly limit: Limit }[];
    }
  | {
      readonly change: 'token-issued';
      readonly tokenId: string;
      readonly projectId: ProjectId;
      readonly actorId: string;
      readonly role: string;
      /** SHA-256 of the secret, hex. The secret itself is never stored. */
      readonly secretHash: string;
      readonly expiresAt: string | null;
    }
  | { readonly change: 'token-revoked'; readonly tokenId: string };

export interface IdempotencyKey {
  /** Caller and project. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 over method, path, query, `If-Match` and canonical body; hex. */
  readonly fingerprint: string;
  /** What a repetition is answered with: status, location, the operation's or resource's id. No secret. */
  readonly answer: JsonObject;
}

export interface Append {
  /** UUIDv7 of the caller, unique in the log: the same append sent again answers `replayed`. */
  readonly appendId: string;
  /** Only a command's positive net charge can be refused; a fact is always written. */
  readonly mode: 'command' | 'fact';
  /** None where a request changed nothing: then its key is remembered, at the position of the event before. */
  readonly streams: readonly StreamAppend[];
  readonly changes?: readonly LaneChange[];
  readonly key?: IdempotencyKey | undefined;
  readonly meta: Meta;
}

export interface OverQuota {
  /** The node (project or binding) whose limit would be passed; the one nearest to the charged project. */
  readonly node: string;
  readonly nodeKind: 'project' | 'binding';
  /** Steps from the charged project: 0 is the project itself. */
  readonly distance: number;
  readonly dimension: Dimension;
  readonly requested: number;
  readonly limit: number;
  readonly held: number;
  readonly used: number;
  readonly releasing: number;
}

export type Verdict =
  /** `position` is that of the last event; `versions` are the streams' new versions, in the order of the append. */
  | {
      readonly status: 'committed';
      readonly position: number;
      readonly versions: readonly number[];
      readonly recordedAt: string;
    }
  /** This append was committed before, at `position` (last event). */
  | { readonly status: 'replayed'; readonly position: number }
  /** The idempotency key is taken: by the same request (compare fingerprints) or another one. Nothing was written. */
  | {
      readonly status: 'key-known';
      readonly fingerprint: string;
      readonly answer: JsonObject;
      readonly position: number;
    }
  /** The decision was made on something that has moved since: decide again. */
  | { readonly status: 'conflict'; readonly on: 'stream' | 'tree'; readonly what: string }
  | ({ readonly status: 'over-quota' } & OverQuota);

/** What is waiting exceeds the lane's bound, or the database does not answer: try again later (`503`, `Retry-After`). */
export class LaneUnavailable extends Error {
  override readonly name: string = 'LaneUnavailable';
  constructor(
    message: string,
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface RecordedEvent<Type extends string = string, Data extends object = JsonObject> {
  readonly position: number;
  readonly id: string;
  readonly stream: StreamId;
  readonly version: number;
  readonly type: Type;
  readonly schemaVersion: number;
  readonly projectId: ProjectId;
  readonly data: Data;
  readonly charges: readonly Charge[];
  readonly meta: Meta;
  /** RFC 3339 UTC with microseconds; never runs backwards along positions. */
  readonly recordedAt: string;
  /** Hex. */
  readonly hash: string;
}
