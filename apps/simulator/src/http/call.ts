import type { Token } from '../world/changes.js';
import type { Answer, Surface } from './envelope.js';
import type { Operation } from './operation.js';
import type { Refusal, RefusalCode } from './refusal.js';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

/** One request, parsed as far as every call needs it. */
export interface Call {
  readonly operation: Operation;
  readonly surface: Surface;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Each member once: of a repeated one the first counts. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly method: string;
  /** What comes after `3.` for calls below `/v3`; null for others. */
  readonly microversion: number | null;
  /** Path and query as they came. */
  readonly url: string;
  readonly path: string;
  /** The simulator's time, up to which everything has happened. */
  readonly nowMs: number;
  /** The cloud project in the path; empty where the path has none. */
  readonly projectId: string;
  /** The body as it came. */
  readonly payload: Buffer;
  /** Whose token it is, or what a signature is worth as one; null where none is needed. */
  readonly token: Token | null;
  /** The address under which the caller knows this server. */
  readonly baseUrl: string;
}

/** One row of the surface. Project-scoped unless `auth` says otherwise. */
export interface Route {
  readonly operation: Operation;
  readonly method: Method;
  readonly paths: readonly string[];
  /** What the body may name, where one path stands for several calls. */
  readonly actions?: readonly string[];
  readonly surface: Surface;
  readonly auth?: 'project' | 'token' | 'none';
  /** What a body answers that is not JSON. */
  readonly malformed?: RefusalCode;
  /** Changes disks: the faults of accepted work apply to it. */
  readonly writes?: boolean;
  readonly handle: (call: Call) => Answer | Refusal;
}
