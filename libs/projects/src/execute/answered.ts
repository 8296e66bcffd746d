import {
  detailOf,
  ok,
  platformProblems,
  refused,
  type Answer,
  type ProblemFacts,
  type ProblemKind,
  type ProblemKinds,
} from '@strata/http';
import type { JsonObject, Refusal } from '@strata/kernel';
import { z } from 'zod';
import { commandProblems } from './command.problems.js';
import type { CommonRefusal, Executed, Verification } from './plan.js';

/** What was accepted, now or before under the same key. */
export interface Accepted {
  readonly answer: JsonObject;
  readonly position: number;
  /** The answer is that of an earlier request: show its resource as it is now. */
  readonly replayed: boolean;
  /** New versions of the planned streams; unknown for what was accepted before. */
  readonly versions: readonly number[] | undefined;
}

/** What came of a command as the answer to its request; a refusal is thrown as its problem. */
export const answered = async <R extends ProblemFacts>(
  executed: Executed<R>,
  problems: ProblemKinds<R['type']>,
  show: (accepted: Accepted) => Answer | Promise<Answer>,
): Promise<Answer> => {
  switch (executed.status) {
    case 'refused':
      throw refused(allOf(problems), executed.refusal);
    case 'verified':
      return ok(shownVerdict(executed.verification, allOf(problems)));
    case 'replayed':
      return show({ ...executed, replayed: true, versions: undefined });
    case 'done':
      return show({ ...executed, replayed: false });
  }
};

const allOf = <Code extends string>(problems: ProblemKinds<Code>): ProblemKinds<Code | CommonRefusal['type']> => ({
  ...platformProblems,
  ...commandProblems,
  ...problems,
});

/** The answer to `?validateOnly=true`. */
export const Verdict = z
  .strictObject({
    allowed: z.boolean(),
    /** As the write itself would be answered, without what belongs to one occurrence. */
    problems: z.array(
      z.looseObject({
        type: z.string(),
        title: z.string(),
        status: z.int(),
        detail: z.string(),
        retryable: z.boolean(),
      }),
    ),
    quota: z.array(
      z.strictObject({
        /** Whose quota, where the request is not about one project alone. */
        projectId: z.uuid().optional(),
        dimension: z.string(),
        requested: z.int(),
        available: z.union([z.int(), z.literal('unlimited')]),
        sufficient: z.boolean(),
      }),
    ),
    plan: z.record(z.string(), z.json()).optional(),
  })
  .meta({ id: 'Verdict' });

const shownVerdict = (
  { problems, ...rest }: Verification,
  kinds: Readonly<Record<string, ProblemKind>>,
): z.input<typeof Verdict> =>
  ({ ...rest, problems: problems.map((refusal) => shownProblem(refusal, kinds)) }) as z.input<typeof Verdict>;

const shownProblem = ({ type, ...facts }: Refusal, kinds: Readonly<Record<string, ProblemKind>>) => {
  const kind = kinds[type];
  if (!kind) throw new Error(`${type} has no problem`);
  const { title, status, retryable } = kind;
  return { ...facts, type: `/problems/${type}`, title, status, detail: detailOf(kind, facts), retryable };
};
