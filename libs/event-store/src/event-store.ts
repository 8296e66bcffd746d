import type { JsonObject, ProjectId, BindingId, StreamId } from '@strata/kernel';
import type { Append, RecordedEvent, Verdict } from './append.js';
import type { TailScope, TailSeat } from './tail-seat.js';

/**
 * Whose eyes read: the nodes that the caller holds a role at (each covers its subtree), or everything
 * (followers, workers, platform-admin). Enforced by row-level security, not by WHERE clauses.
 */
export type Sight = { readonly all: true } | { readonly all: false; readonly nodes: readonly string[] };

export const everything: Sight = { all: true };

export interface ProjectNode {
  readonly projectId: ProjectId;
  readonly name: string;
  readonly parentId: ProjectId | null;
  /** The binding that new resources of this project go to; fixed when the project was made. */
  readonly bindingId: BindingId | null;
  /** From the project itself up to the root. */
  readonly path: readonly ProjectId[];
}

export interface LoadRequest {
  readonly sight: Sight;
  readonly streams?: readonly StreamId[];
  readonly projectId?: ProjectId | undefined;
  readonly key?: { readonly scope: string; readonly key: string } | undefined;
  /** Only events up to this position (`asOf`). */
  readonly upTo?: number | undefined;
}

export interface LoadedStream {
  readonly stream: StreamId;
  /** 0 when there are no (visible) events. */
  readonly version: number;
  readonly events: readonly RecordedEvent[];
}

export interface Loaded {
  /** Undefined when absent or not visible: the two cannot be told apart. */
  readonly project: ProjectNode | undefined;
  readonly known: { readonly fingerprint: string; readonly answer: JsonObject; readonly position: number } | undefined;
  readonly streams: readonly LoadedStream[];
  /** Head of the log when this was read. */
  readonly head: number;
}

/** The log as features see it. */
export abstract class EventStore {
  /** Key, project and streams in one query (architecture §1.2). */
  abstract load(request: LoadRequest): Promise<Loaded>;

  /**
   * Into the commit lane: resolves when the verdict is known. Throws `LaneUnavailable` when it cannot be, and `TypesHeldBack`,
   * which is one, when it has an event type that a live follower does not know yet.
   */
  abstract append(append: Append): Promise<Verdict>;

  /** A page of the log in order, `after` exclusive. Upcast to today's event versions. */
  abstract read(request: {
    readonly sight: Sight;
    readonly after: number;
    readonly limit: number;
    readonly projectId?: ProjectId | undefined;
    /** Events of an operation and of its parts. */
    readonly operationId?: string | undefined;
    readonly upTo?: number | undefined;
  }): Promise<readonly RecordedEvent[]>;

  /** Position of the newest event, and the incarnation of the log (new after a restore to an earlier point). */
  abstract head(): Promise<{
    readonly position: number;
    readonly incarnation: string;
    readonly recordedAt: string | null;
  }>;

  /**
   * The last position recorded until the end of the millisecond of `time`: how `asOf=<time>` becomes a position. The log
   * keeps microseconds and answers show milliseconds, so that what happened at a time that was shown is in it. 0 when
   * there is none.
   */
  abstract positionAt(time: Date): Promise<number>;

  /** Resolves when the log has grown past `position`, or after `timeoutMs`, or on abort: for what reads the whole log. */
  abstract grownPast(position: number, timeoutMs: number, signal?: AbortSignal): Promise<void>;

  /**
   * A seat at the tail of the log, for streams and waits: however many there are in a process, the log is read once as it
   * grows. Of a malformed id there can be none: throws.
   */
  abstract tail(scope: TailScope): TailSeat;
}
