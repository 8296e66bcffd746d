import { type z } from 'zod';
import type { RequestFault } from '../problems/refused.js';

const escape = (member: PropertyKey): string => String(member).replaceAll('~', '~0').replaceAll('/', '~1');

/** RFC 6901. */
export const pointerTo = (base: string, path: readonly PropertyKey[]): string =>
  base + path.map((member) => `/${escape(member)}`).join('');

/** What is missing is said to be required; every other message is the rule's own. */
export const wording: z.core.$ZodErrorMap = (issue) => (issue.input === undefined ? 'is required' : undefined);

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map(({ code, path }) => path.length + (code === 'unrecognized_keys' ? 0 : 0.5)));

/** Of the forms that a union allows, the one that got furthest tells best what is wrong. */
const nearest = (forms: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined =>
  forms.toSorted((one, other) => one.length - other.length || depth(other) - depth(one))[0];

/** Every fault of a parse, each at the member that it is about. */
export const faultsOf = (base: string, issues: readonly z.core.$ZodIssue[]): RequestFault[] =>
  issues.flatMap((issue) => {
    const here = pointerTo(base, issue.path);
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ pointer: pointerTo(here, [key]), detail: 'is not a known member' }));
      case 'invalid_union': {
        const form = nearest(issue.errors);
        return form && form.length > 0 ? faultsOf(here, form) : [{ pointer: here, detail: issue.message }];
      }
      case 'invalid_key':
      case 'invalid_element':
        return issue.issues.map(({ message }) => ({ pointer: here, detail: message }));
      default:
        return [{ pointer: here, detail: issue.message }];
    }
  });
