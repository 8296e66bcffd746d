import { z } from 'zod';
import type { Caller } from '../server/auth.js';
import type { RequestInput } from '../request/request-input.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Access = 'public' | 'authenticated';

export const noMembers = z.strictObject({});
type NoMembers = typeof noMembers;

/**
 * One declaration that validates, types and documents a route.
 * Objects are strict: unknown members of body and query are refused, each by its pointer.
 */
export interface RouteDeclaration<
  A extends Access = Access,
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly method: Method;
  /** Full, with `:name` members: `/v1/projects/:projectId/disks`. */
  readonly path: string;
  /** Unique; the name in the OpenAPI document, in the log and in the generated client. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: A;
  /** A path member that does not fit is `404`: no resource can have that address. */
  readonly params: Params;
  readonly query: Query;
  /** Without one, only an absent body or `{}` is accepted. */
  readonly body: Body;
  readonly hasBody: boolean;
  /** Schema of the body by status; `null` for an answer without one. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** Codes beyond those that the conventions bring (malformed request, missing token, absent resource, faults). */
  readonly problems: readonly string[];
  /**
   * Writes: `Idempotency-Key`, `If-Match`, `Prefer: wait` and `?validateOnly` are read and documented; elsewhere the
   * headers are ignored and the query member is unknown. Default: every method but `GET`.
   */
  readonly write: boolean;
  /**
   * Answers with one resource carry its version as `ETag`, and a read honours `If-None-Match`; not where what is shown is told by
   * more than the stream of that version (`for-writes`).
   */
  readonly versioned: boolean | 'for-writes';
  /** `Accept: text/event-stream` is answered with events; `input.wantsStream` tells. */
  readonly stream: boolean;
  /** Media types beside JSON that it can answer with. */
  readonly produces: readonly string[];
}

type Declared<A extends Access, P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Omit<
  RouteDeclaration<A>,
  'params' | 'query' | 'body' | 'hasBody' | 'problems' | 'write' | 'versioned' | 'stream' | 'produces'
> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly problems?: readonly string[];
  readonly write?: boolean;
  readonly versioned?: boolean | 'for-writes';
  readonly stream?: boolean;
  readonly produces?: readonly string[];
};

export const route = <
  const A extends Access,
  P extends z.ZodType = NoMembers,
  Q extends z.ZodType = NoMembers,
  B extends z.ZodType = NoMembers,
>(
  declared: Declared<A, P, Q, B>,
): RouteDeclaration<A, P, Q, B> => ({
  problems: [],
  write: declared.method !== 'GET',
  versioned: false,
  stream: false,
  produces: [],
  ...declared,
  // A schema left out is `noMembers`, and its type parameter then is that type by default.
  params: (declared.params ?? noMembers) as P,
  query: (declared.query ?? noMembers) as Q,
  body: (declared.body ?? noMembers) as B,
  hasBody: declared.body !== undefined,
});

/** What a handler gets: everything checked, nothing raw. */
export type InputOf<R> =
  R extends RouteDeclaration<infer A, infer P, infer Q, infer B>
    ? RequestInput<z.output<P>, z.output<Q>, z.output<B>, A extends 'public' ? null : Caller>
    : never;
