/** What is the same for every occurrence of a problem. Its code is the key under which it is defined. */
export interface ProblemKind {
  readonly status: number;
  /** The same every time; figures and ids are members of their own. */
  readonly title: string;
  /** What it means and what to do: paragraphs of plain text, shown at `GET /problems/<code>`. */
  readonly explanation: string;
  /**
   * One sentence about an occurrence, with its members in braces: `{sizeGiB}`, `{level.limit}`; of several the first whose
   * members are all there. Lists are named one by one. Without one, or where none fits, the title stands.
   */
  readonly detail?: string | readonly string[];
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
      'Something in the body, the query or a header breaks a rule. `errors` names every fault, of very many the ' +
      'first hundred, with a JSON pointer (RFC 6901): `/sizeGiB` is a member of the body, `/query/limit` a member of the ' +
      'query, `/header/if-match` a header. Nothing was written. Correct the request before sending it again.',
    detail: '{errors}.',
    retryable: false,
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor does not belong to this list',
    explanation:
      'A cursor continues one list with one sort, one set of filters and one `asOf`. This one is broken, was made by another list, ' +
      'for another caller, or with others. Send it alone, or with all of them as they were; or start again without `cursor`.',
    detail:
      'The cursor is broken, or was made by another list, for another caller or with other filters: start again without it.',
    retryable: false,
  },
  unauthenticated: {
    status: 401,
    title: 'Who is asking is not known',
    explanation:
      'The request carries no token, or one that is malformed, unknown, expired or revoked. Send ' +
      '`Authorization: Bearer <token>`.',
    detail: 'The token is malformed, unknown, expired or revoked.',
    retryable: false,
  },
  forbidden: {
    status: 403,
    title: 'The caller may not do this',
    explanation: 'The resource is visible, but the role held there does not allow this. The missing grant is named.',
    detail: [
      'The role {missing.role} at project {missing.projectId}, or above it, is needed.',
      'The role {missing.role} at the {missing.relation} of the project is needed.',
      'The role {missing.role} is needed.',
      'The role held here does not allow this.',
    ],
    retryable: false,
  },
  'not-found': {
    status: 404,
    title: 'There is no such resource',
    explanation:
      'Nothing is found under this address, or nothing that the caller may see: the two are answered alike. A path ' +
      'member that cannot be an id, and a member of the body that names nothing, stand in `errors`.',
    detail: [
      'There is no such resource: {errors}.',
      'Nothing is found under this address, or nothing that this caller may see.',
    ],
    retryable: false,
  },
  'method-not-allowed': {
    status: 405,
    title: 'The resource does not know this method',
    explanation: 'The address exists, the method does not. `Allow` lists those that do.',
    detail: 'Allow lists the methods that this address knows.',
    retryable: false,
  },
  'not-acceptable': {
    status: 406,
    title: 'None of the accepted media types can be produced',
    explanation: 'Strata answers in JSON; events also as `text/event-stream`. Widen `Accept`.',
    detail: 'Accept allows none of what can be produced here: {produces}.',
    retryable: false,
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    explanation: 'The connection was open, but the request on it was not complete within the bound. Send it again.',
    detail: 'The rest of the request did not arrive while the connection was kept open for it. Send it again.',
    retryable: true,
  },
  'concurrent-change': {
    status: 409,
    title: 'Others kept changing the same resource',
    explanation:
      'The decision was made anew several times and each time something it rests on had changed. Nothing was written. ' +
      'Send the same request again.',
    detail:
      'Nothing was written: each time the decision was made, what it rests on had changed. Send the same request again.',
    retryable: true,
  },
  'log-restored': {
    status: 410,
    title: 'The log was restored to an earlier point',
    explanation:
      'The position was given out by a log that has since been replaced by a restore. What was read then may be gone. ' +
      'Read again without it.',
    detail: 'The position belongs to a log that was replaced by a restore: read again without it.',
    retryable: false,
  },
  'version-conflict': {
    status: 412,
    title: 'The resource is not at the expected version',
    explanation: 'It has changed since the `ETag` in `If-Match` was read. Read it again and decide anew.',
    detail: [
      'The resource is at version {currentVersion}, which If-Match does not name: read it again.',
      'The resource is not at the version that If-Match names: read it again.',
    ],
    retryable: false,
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    explanation:
      'A body may have 1 MiB, unless whoever runs Strata has set another bound (`STRATA_MAXIMUM_BODY_BYTES`).',
    detail: 'The body is longer than this server takes. Nothing was written.',
    retryable: false,
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is of a media type that is not understood',
    explanation:
      'Send `application/json`; for `PATCH` also `application/merge-patch+json` (RFC 7396). A body that is compressed, or ' +
      'otherwise has a `Content-Encoding`, is not read.',
    detail: 'Send application/json, or with PATCH application/merge-patch+json.',
    retryable: false,
  },
  'idempotency-mismatch': {
    status: 422,
    title: 'The idempotency key was used for another request',
    explanation:
      'A key stands for one request of one caller in one project: method, path, query, `If-Match` and body. This key ' +
      'came with another one within the last 7 days. Use a new key for a new request.',
    detail: 'The key came before with another method, path, query, If-Match or body: use a new key for a new request.',
    retryable: false,
  },
  'header-too-large': {
    status: 431,
    title: 'The header is too large',
    explanation: 'Address and header together may have 16 KiB. Nothing was read.',
    detail: 'Address and header together are longer than 16 KiB.',
    retryable: false,
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    explanation: 'Wait as long as `Retry-After` says, then go on.',
    detail: [
      'Send the same request again after {retryAfterSeconds} s.',
      'Send the same request again after the time in Retry-After.',
    ],
    retryable: true,
  },
  internal: {
    status: 500,
    title: 'Something broke',
    explanation:
      'A fault of Strata, not of the request. What happened stands in the log under the `requestId`. A write may have ' +
      'taken effect: repeat it with the same `Idempotency-Key`.',
    detail:
      'The log tells more under the requestId. A write may have taken effect: send it again with the same Idempotency-Key.',
    retryable: true,
  },
  unavailable: {
    status: 503,
    title: 'Strata cannot take this at the moment',
    explanation: 'Too much is waiting, or something it needs does not answer. Wait as long as `Retry-After` says.',
    detail: [
      'Not now, as {reason}. Send the same request again after {retryAfterSeconds} s, a write with the same Idempotency-Key.',
      'Send the same request again after {retryAfterSeconds} s, a write with the same Idempotency-Key.',
      'Send the same request again after the time in Retry-After.',
    ],
    retryable: true,
  },
});

export type PlatformProblem = keyof typeof platformProblems;
