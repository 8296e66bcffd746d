/** What is the same for every occurrence of a problem. Its code is the key under which it is defined. */
export interface ProblemKind {
  readonly status: number;
  /** The same every time; figures and ids are members of their own. */
  readonly title: string;
  /** What it means and what to do: paragraphs of plain text, shown at `GET /problems/<code>`. */
  readonly explanation: string;
  /** Whether the very same request may succeed later. */
  readonly retryable: boolean;
}

export type ProblemKinds<Code extends string = string> = Readonly<Record<Code, ProblemKind>>;

/**
 * The problems of one feature, by code. A refusal's `type` is looked up here (`refused`, `orRefused`), so a refusal without
 * a problem does not compile. The app hands all sets to `createHttpApp`; a code defined twice stops the boot.
 */
export const defineProblems = <const Code extends string>(kinds: ProblemKinds<Code>): ProblemKinds<Code> => kinds;

/** The problems that any route may answer with, whatever feature it belongs to. */
export const platformProblems = defineProblems({
  'invalid-request': {
    status: 400,
    title: 'The request is malformed',
    explanation:
      'Something in the body, the query or a header breaks a rule. `errors` names every fault with a JSON pointer ' +
      '(RFC 6901): `/sizeGiB` is a member of the body, `/query/limit` a member of the query, `/header/if-match` a header. ' +
      'Nothing was written. Correct the request before sending it again.',
    retryable: false,
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor does not belong to this list',
    explanation:
      'A cursor continues one list with one sort and one set of filters. This one is broken, was made by another list, ' +
      'for another caller, or with other filters. Start again without `cursor`.',
    retryable: false,
  },
  unauthenticated: {
    status: 401,
    title: 'Who is asking is not known',
    explanation:
      'The request carries no token, or one that is malformed, unknown, expired or revoked. Send ' +
      '`Authorization: Bearer <token>`.',
    retryable: false,
  },
  forbidden: {
    status: 403,
    title: 'The caller may not do this',
    explanation: 'The resource is visible, but the role held there does not allow this. The missing grant is named.',
    retryable: false,
  },
  'not-found': {
    status: 404,
    title: 'There is no such resource',
    explanation:
      'Nothing is found under this address, or nothing that the caller may see: the two are answered alike. A path ' +
      'member that cannot be an id is named in `errors`.',
    retryable: false,
  },
  'method-not-allowed': {
    status: 405,
    title: 'The resource does not know this method',
    explanation: 'The address exists, the method does not. `Allow` lists those that do.',
    retryable: false,
  },
  'not-acceptable': {
    status: 406,
    title: 'None of the accepted media types can be produced',
    explanation: 'Strata answers in JSON; events also as `text/event-stream`. Widen `Accept`.',
    retryable: false,
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    explanation: 'The connection was open, but the request on it was not complete within the bound. Send it again.',
    retryable: true,
  },
  'concurrent-change': {
    status: 409,
    title: 'Others kept changing the same resource',
    explanation:
      'The decision was made anew several times and each time something it rests on had changed. Nothing was written. ' +
      'Send the same request again.',
    retryable: true,
  },
  'log-restored': {
    status: 410,
    title: 'The log was restored to an earlier point',
    explanation:
      'The position was given out by a log that has since been replaced by a restore. What was read then may be gone. ' +
      'Read again without it.',
    retryable: false,
  },
  'version-conflict': {
    status: 412,
    title: 'The resource is not at the expected version',
    explanation: 'It has changed since the `ETag` in `If-Match` was read. Read it again and decide anew.',
    retryable: false,
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    explanation:
      'A body may have 1 MiB, unless whoever runs Strata has set another bound (`STRATA_MAXIMUM_BODY_BYTES`).',
    retryable: false,
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is of a media type that is not understood',
    explanation: 'Send `application/json`; for `PATCH` also `application/merge-patch+json` (RFC 7396).',
    retryable: false,
  },
  'idempotency-mismatch': {
    status: 422,
    title: 'The idempotency key was used for another request',
    explanation:
      'A key stands for one request of one caller in one project: method, path, query, `If-Match` and body. This key ' +
      'came with another one within the last 7 days. Use a new key for a new request.',
    retryable: false,
  },
  'header-too-large': {
    status: 431,
    title: 'The header is too large',
    explanation: 'Address and header together may have 16 KiB. Nothing was read.',
    retryable: false,
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    explanation: 'Wait as long as `Retry-After` says, then go on.',
    retryable: true,
  },
  internal: {
    status: 500,
    title: 'Something broke',
    explanation:
      'A fault of Strata, not of the request. What happened stands in the log under the `requestId`. A write may have ' +
      'taken effect: repeat it with the same `Idempotency-Key`.',
    retryable: true,
  },
  unavailable: {
    status: 503,
    title: 'Strata cannot take this at the moment',
    explanation: 'Too much is waiting, or something it needs does not answer. Wait as long as `Retry-After` says.',
    retryable: true,
  },
});

export type PlatformProblem = keyof typeof platformProblems;
