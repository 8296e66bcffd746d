import type { Decision, Refusal } from '@strata/kernel';
import { platformProblems, type PlatformProblem, type ProblemKind, type ProblemKinds } from './problem-kinds.js';

/** One fault of a request. `pointer` is a JSON pointer (RFC 6901) into the body, or `/query/…`, `/header/…`, `/path/…`. */
export interface RequestFault {
  readonly pointer: string;
  readonly detail: string;
}

/** Members of a problem that are Strata's: a refusal's own members must not carry these names. */
interface Reserved {
  readonly title?: never;
  readonly status?: never;
  readonly instance?: never;
  readonly requestId?: never;
  readonly retryable?: never;
}

/** A refusal on its way to the client. Its own members become members of the problem: nothing a caller may not see. */
export type ProblemFacts<Code extends string = string> = Refusal &
  Reserved & {
    readonly type: Code;
    /** One sentence about this occurrence; that of the kind when missing. */
    readonly detail?: string;
    /** Also sent as `Retry-After`. */
    readonly retryAfterSeconds?: number;
  };

/** A refusal as an answer. Thrown at the edge of HTTP only; below it refusals are returned. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly refusal: ProblemFacts,
    readonly kind: ProblemKind,
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(refusal.detail ?? kind.title, options);
  }
}

/** `throw refused(diskProblems, { type: 'disk-busy', blockers })`: a code that the set does not know does not compile. */
export const refused = <Code extends string, Facts extends ProblemFacts<Code>>(
  problems: ProblemKinds<Code>,
  refusal: Facts,
): Refused => new Refused(refusal, problems[refusal.type]);

/** The platform's own problems: `throw problem('not-found')`. */
export const problem = (
  type: PlatformProblem,
  facts: Omit<ProblemFacts, 'type'> & Readonly<Record<string, unknown>> = {},
): Refused => new Refused({ ...facts, type }, platformProblems[type]);

export const invalidRequest = (...errors: readonly RequestFault[]): Refused => problem('invalid-request', { errors });

/** What a decision came to, or its refusal as an answer. */
export const orRefused = <Event, R extends ProblemFacts>(
  decision: Decision<Event, R>,
  problems: ProblemKinds<R['type']>,
): readonly Event[] => {
  if (decision.accepted) return decision.events;
  throw new Refused(decision.refusal, problems[decision.refusal.type as R['type']]);
};
