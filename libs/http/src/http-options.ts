import type { Logger } from 'pino';
import type { HealthCheck } from './system/health.js';
import type { MetricSource } from './system/metrics/exposition.js';
import type { ProblemKinds } from './problems/problem-kinds.js';
import type { Refused } from './problems/refused.js';

/** What the log and the traces need to know while a request is handled. */
export interface RequestContext {
  readonly requestId: string;
  readonly traceparent: string | undefined;
}

export interface HttpOptions {
  readonly title: string;
  readonly version: string;
  readonly logger: Logger;
  /** Of the features; the platform's own are always there. */
  readonly problems: readonly ProblemKinds[];
  /** At least 32 bytes: authenticates cursors. The same in all processes, else cursors hold in one only. */
  readonly cursorKey: Uint8Array;
  /** The incarnation of the log: part of every position that clients see. */
  readonly incarnation: () => string;
  readonly healthChecks: readonly HealthCheck[];
  /** What `GET /metrics` tells beside the requests of this process. */
  readonly metricSources?: readonly MetricSource[];
  /** Faults of other libraries that have an answer: `LaneUnavailable` is `503 unavailable`. */
  readonly knownFaults?: (fault: unknown) => Refused | undefined;
  /** Runs the handling of a request within its context. */
  readonly runInContext?: (context: RequestContext, next: () => void) => void;
  /** Default 1 MiB. */
  readonly maximumBodyBytes?: number;
  /** How long requests under way may take once the server is closing. Default 8 000. */
  readonly closeGraceMs?: number;
  /** Holds every answer against its declared schema: for tests. */
  readonly checkAnswers?: boolean;
}
