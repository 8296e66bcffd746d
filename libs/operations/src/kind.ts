import type { LoadedStream, StreamAppend } from '@strata/event-store';
import type { Charge, Decision, JsonObject, OperationId, Refusal, StreamId } from '@strata/kernel';
import type { Sent } from '@strata/cloud';
import type { OperationError } from './operation/operation.events.js';
import type { OpenOperation, Operation, Requested } from './operation/operation.js';

export type KnownOperation = Exclude<Operation, { status: 'absent' }>;

/** How an operation ends, as the resource hears it. `outcome` and `left` are words between a kind's carrier and its rules. */
export type Ending =
  | { readonly end: 'succeeded'; readonly outcome: JsonObject }
  | { readonly end: 'failed'; readonly error: OperationError; readonly left: JsonObject }
  | { readonly end: 'cancelled' };

/** Who works on a resource, and under which name users see it. */
export interface WorkIds {
  readonly operationId: OperationId;
  readonly shownAs: OperationId;
}

/** The pure half of a kind of operation: what it means for its resources. Known to the api and to the worker. */
export interface KindRules {
  readonly kind: string;
  /** False for what only looks (refresh, check). */
  readonly sends: boolean;
  /**
   * How it is established after a lost answer that nothing happened: `three-looks` spread over the visibility bound where a
   * second send would make a second resource; `one-look` after the quiet period where doing it twice does no harm;
   * `unprovable` where that destroys something and nothing shows afterwards whether it was done: it is sent once, and what
   * no look has shown by the end of the quiet period ends as `outcome-unknown`.
   */
  readonly absence: 'three-looks' | 'one-look' | 'unprovable';
  /** From acceptance to the end, at most; then the operation fails by name and the resource is left to observation. */
  readonly deadlineMs: number;
  /** Streams of the resources it works on. */
  streams(request: Requested): readonly StreamId[];
  /** What the ending means for the resources, and the `result` shown to users. Never refuses: it happened. */
  conclude(ending: Ending, operation: KnownOperation, resources: readonly LoadedStream[]): Conclusion;
  /** Of what is not retried: what its users do, in words that take the place of `retry` in remedies. Undefined: it is. */
  instead?(input: JsonObject): string | undefined;
  /**
   * The same again under a new operation: events for the resources and the new input, or why not. `notBefore`: of an operation
   * that was cancelled while it waited for its time, when the new one begins.
   */
  retry(
    operation: KnownOperation,
    resources: readonly LoadedStream[],
    work: WorkIds,
    notBefore?: string,
  ):
    | Decision<never, Refusal>
    | { readonly accepted: true; readonly streams: readonly StreamAppend[]; readonly input: JsonObject };
}

export interface Conclusion {
  readonly streams: readonly StreamAppend[];
  /** Of the operation's own project, where none of the resources is its own that could bear them. */
  readonly charges?: readonly Charge[];
  readonly result: JsonObject;
}

export type Found =
  | { readonly found: true; readonly cloudId: string | null }
  /** Not seen now; no proof that it is not there, unless it was undone just now and cannot come any more. */
  | { readonly found: false; readonly undone?: true };

export type Look =
  /** Still at it, or so it seems. `state` is a word for people (`waiting`, `running`); a new one is news. */
  | {
      readonly look: 'pending';
      readonly state: string;
      readonly cloudId: string | null;
      /**
       * Present where no job is known to be at work and the resource is at rest as it was before, or not there as before it was made:
       * as what it has failed, with nothing of it left, once it has looked so for long enough.
       */
      readonly untouched?: OperationError;
    }
  /** `tookMs`: how long the cloud was at it, where it tells. */
  | { readonly look: 'done'; readonly outcome: JsonObject; readonly tookMs?: number | null }
  | { readonly look: 'failed'; readonly error: OperationError; readonly left: JsonObject };

export interface SendContext {
  readonly operation: OpenOperation;
  readonly marker: string;
  /** Hard end of each request, in ms. */
  readonly timeoutMs: number;
  /** Asked right before the write leaves; false once `sendWithinMs` has passed on the monotonic clock. */
  readonly mayStillSend: () => boolean;
}

export interface LookContext {
  readonly operation: OpenOperation;
  /** Of the attempt that was sent; empty for kinds that only look. */
  readonly marker: string;
  readonly jobId: string | null;
  readonly cloudId: string | null;
  /** When the attempt's intent was recorded. */
  readonly since: Date;
}

/** The half of a kind that talks to the cloud. Known to the worker only. Throws `CloudSilent` when a look got no answer. */
export abstract class Carrier<Cloud> {
  abstract readonly kind: string;
  /**
   * Takes turns for what a send writes elsewhere than in the binding of the operation. Called before the intent, as the time to
   * send runs from there. Throws `CloudSilent` while nothing may be sent there.
   */
  turnsElsewhere(_operation: OpenOperation): Promise<void> {
    return Promise.resolve();
  }
  abstract send(cloud: Cloud, context: SendContext): Promise<Sent>;
  /** After a lost answer: is the effect of this attempt there? */
  abstract lookUp(cloud: Cloud, context: LookContext): Promise<Found>;
  abstract look(cloud: Cloud, context: LookContext): Promise<Look>;
  /**
   * Whether only the end of its job tells that it is done: the resource may look whole while the job still fills it. Asked when
   * something is suspected to be stuck.
   */
  readonly onlyJobTells: boolean = false;
  /**
   * What is left in the cloud of something that did not end by its deadline, for the rules of the kind; `cloud` is null where
   * it could not be asked.
   */
  leftWhenStuck(_cloud: Cloud | null, { cloudId }: LookContext): Promise<JsonObject> {
    return Promise.resolve({ cloudId, broken: true });
  }
  /** The marker under which the cloud's list shows what is being made; null where only looking at each tells. */
  showsAs(_context: Pick<LookContext, 'marker'>): string | null {
    return null;
  }
}
