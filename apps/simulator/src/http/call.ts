import type { Token } from '../world/changes.js';
import type { Answer, Surface } from './envelope.js';
import type { Refusal, RefusalCode } from './refusal.js';

/** The calls by name, as they stand in fault switches and in the request counts. */
export type Operation =
  | 'tokens.issue'
  | 'tokens.show'
  | 'tokens.check'
  | 'tokens.revoke'
  | 'projects.list'
  | 'disks.create'
  | 'disks.list'
  | 'disks.get'
  | 'disks.delete'
  | 'disks.extend'
  | 'jobs.get'
  | 'tags.change'
  | 'tags.ofDisk'
  | 'tags.ofProject'
  | 'tags.search'
  | 'tags.remove'
  | 'volumes.create'
  | 'volumes.list'
  | 'volumes.listBrief'
  | 'volumes.get'
  | 'volumes.update'
  | 'volumes.delete'
  | 'volumes.action'
  | 'metadata.list'
  | 'metadata.merge'
  | 'metadata.replace'
  | 'metadata.get'
  | 'metadata.set'
  | 'metadata.remove'
  | 'types.list'
  | 'types.get'
  | 'quotas.get'
  | 'zones.list'
  | 'versions.list'
  | 'versions.get';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

/** One request, parsed as far as every call needs it. */
export interface Call {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Each member once: of a repeated one the first counts. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly path: string;
  /** The simulator's time, up to which everything has happened. */
  readonly nowMs: number;
  /** The cloud project in the path; empty where the path has none. */
  readonly projectId: string;
  /** Whose token it is; null where none is needed. */
  readonly token: Token | null;
  /** The address under which the caller knows this server. */
  readonly baseUrl: string;
}

/** One row of the surface. Project-scoped unless `auth` says otherwise. */
export interface Route {
  readonly operation: Operation;
  readonly method: Method;
  readonly paths: readonly string[];
  readonly surface: Surface;
  readonly auth?: 'project' | 'token' | 'none';
  /** What a body answers that is not JSON. */
  readonly malformed?: RefusalCode;
  /** Changes disks: the faults of accepted work apply to it. */
  readonly writes?: boolean;
  readonly handle: (call: Call) => Answer | Refusal;
}
