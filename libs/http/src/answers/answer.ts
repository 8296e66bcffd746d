import type { StreamEvent } from './event-stream.js';

export interface AnswerOptions {
  /** Version of the stream; sent as strong `ETag`. A read whose `If-None-Match` names it is answered `304`. */
  readonly etag?: number | undefined;
  /** What is shown is told by more than that stream, and may be news under the same version: no `304`. */
  readonly neverUnchanged?: boolean | undefined;
  /** Position in the log of what the answer shows or wrote; sent as `Strata-Position`. */
  readonly position?: number | undefined;
  readonly location?: string | undefined;
  /** The answer to a request that was answered before under the same key. */
  readonly replayed?: boolean | undefined;
  /** The preference that was honoured: `wait=10`. */
  readonly preferenceApplied?: string | undefined;
  /** `application/json` unless told. A string body of another type is sent as it is. */
  readonly contentType?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What a handler returns: status, body, and the headers that the conventions know by name. */
export class Answer {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly options: AnswerOptions = {},
  ) {}
}

export class EventStreamAnswer extends Answer {
  constructor(
    readonly events: AsyncIterable<StreamEvent>,
    options: AnswerOptions = {},
  ) {
    super(200, undefined, options);
  }
}

/** A body that is JSON already. */
export class WrittenAnswer extends Answer {
  constructor(
    readonly json: string,
    options: AnswerOptions = {},
  ) {
    super(200, undefined, options);
  }
}

export const ok = (body: unknown, options?: AnswerOptions): Answer => new Answer(200, body, options);

export const created = (location: string, body: unknown, options?: AnswerOptions): Answer =>
  new Answer(201, body, { ...options, location });

/** Where operations are found, by their id. */
export const operationsPath = '/v1/operations/';

/** `202` with the operation and its `Location`. */
export const accepted = <Operation extends { readonly id: string }>(
  operation: Operation,
  options?: AnswerOptions,
): Answer => new Answer(202, operation, { location: `${operationsPath}${operation.id}`, ...options });

export const noContent = (options?: AnswerOptions): Answer => new Answer(204, undefined, options);

/** Server-sent events until the iterable ends, the client hangs up, is too slow, or the server stops. */
export const eventStream = (events: AsyncIterable<StreamEvent>, options?: AnswerOptions): Answer =>
  new EventStreamAnswer(events, options);
