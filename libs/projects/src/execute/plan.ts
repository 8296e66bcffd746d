import type { LaneChange, Loaded, Meta, OverQuota, StreamAppend } from '@strata/event-store';
import type { JsonObject, ProjectId, Refusal, StreamId } from '@strata/kernel';
import type { Role } from '../project/index.js';
import type { NoRight } from './grants.js';

/** What a command needs to be decided: the right, the project, the streams, and the decision itself. */
export interface Plan<R extends Refusal = Refusal> {
  /** Needed at `projectId` or above it; without a project, of the caller as such (`platform-admin`, `auditor`). */
  readonly role: Role;
  readonly projectId?: ProjectId | undefined;
  /** Folded by `decide`. The first one is the resource that `If-Match` speaks of. */
  readonly streams: readonly StreamId[];
  /** Called again with what is true then when the log moved in between: it must have no effect of its own. */
  decide(loaded: Loaded): Planned<R> | Promise<Planned<R>>;
}

export type Planned<R extends Refusal = Refusal> =
  | {
      readonly accepted: true;
      /** No events in any of them: nothing new. Nothing is written then but the key, and the answer stands. */
      readonly streams: readonly StreamAppend[];
      readonly changes?: readonly LaneChange[] | undefined;
      /** `fact`: what it charges is there already, and is charged past any limit. A command unless told otherwise. */
      readonly mode?: 'fact' | undefined;
      /** Remembered with the key: status, location, ids. No secret. */
      readonly answer: JsonObject;
      readonly meta?: Partial<Meta> | undefined;
      /** What `validateOnly` shows beside the verdict. */
      readonly plan?: JsonObject | undefined;
    }
  | {
      readonly accepted: false;
      readonly refusal: R | OverBound;
      /** What `validateOnly` shows all the same: why it would come to nothing. */
      readonly plan?: JsonObject | undefined;
    };

export const planRefused = <R extends Refusal>(refusal: R | OverBound, plan?: JsonObject): Planned<R> => ({
  accepted: false,
  refusal,
  plan,
});

/** Of a bound that the lane does not keep, as nothing is charged to it; answered in the words of the lane's own verdict. */
export type OverBound = { readonly type: 'over-bound' } & OverQuota;

/** Where a limit stands: named only to those who may view it (http-api.md, `quota-exceeded`). */
export type QuotaLevel =
  | {
      readonly projectId: ProjectId;
      readonly limit: number;
      readonly used: number;
      readonly held: number;
      readonly releasing: number;
    }
  | { readonly relation: 'ancestor' | 'cloud'; readonly distance: number };

/** The refusals that every command can meet. */
export type CommonRefusal =
  | NoRight
  | { readonly type: 'idempotency-mismatch' }
  | { readonly type: 'version-conflict'; readonly currentVersion: number }
  | { readonly type: 'concurrent-change' }
  | {
      readonly type: 'quota-exceeded' | 'cloud-quota-exceeded';
      readonly dimension: string;
      readonly requested: number;
      readonly missing: number;
      readonly level: QuotaLevel;
      readonly detail?: string;
    }
  | { readonly type: 'unavailable'; readonly reason: string; readonly retryAfterSeconds: number };

/** `?validateOnly=true`: what would come of it. */
export interface Verification {
  readonly allowed: boolean;
  readonly problems: readonly Refusal[];
  readonly quota: readonly QuotaOutlook[];
  readonly plan?: JsonObject | undefined;
}

export interface QuotaOutlook {
  /** Absent where it is that of the project in whose name the command is given. */
  readonly projectId?: ProjectId | undefined;
  readonly dimension: string;
  readonly requested: number;
  /** The least that is available on the whole path. */
  readonly available: number | 'unlimited';
  readonly sufficient: boolean;
}

export type Executed<R extends Refusal = Refusal> =
  /**
   * `versions` are those of the planned streams, in their order; unchanged when there was nothing new. `recordedAt` (RFC
   * 3339, microseconds) is known when it was committed just now: the planned events stand at the positions up to `position`.
   */
  | {
      readonly status: 'done';
      readonly answer: JsonObject;
      readonly position: number;
      readonly versions: readonly number[];
      readonly recordedAt?: string | undefined;
    }
  /** The same request was accepted before. `answer` is what was remembered; show the resource as it is now. */
  | { readonly status: 'replayed'; readonly answer: JsonObject; readonly position: number }
  | { readonly status: 'verified'; readonly verification: Verification }
  | { readonly status: 'refused'; readonly refusal: R | CommonRefusal };
