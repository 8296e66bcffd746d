import { type z } from 'zod';
import type { RequestFault } from '../problems/refused.js';

const escape = (member: PropertyKey): string => String(member).replaceAll('~', '~0').replaceAll('/', '~1');

/** RFC 6901. */
export const pointerTo = (base: string, path: readonly PropertyKey[]): string =>
  base + path.map((member) => `/${escape(member)}`).join('');

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map(({ code, path }) => path.length + (code === 'unrecognized_keys' ? 0 : 0.5)));

/** Of the forms that a union allows, the one that got furthest tells best what is wrong. */
const nearest = (forms: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined =>
  forms.toSorted((one, other) => one.length - other.length || depth(other) - depth(one))[0];

const isAboutWhole = (form: readonly z.core.$ZodIssue[]): boolean =>
  form.length === 1 && form[0]?.path.length === 0 && !('errors' in form[0]) && form[0].code !== 'unrecognized_keys';

/** Where every form fails as a whole, none is nearer than another. */
const anyOf = (forms: readonly (readonly z.core.$ZodIssue[])[]): string =>
  [...new Set(forms.flatMap((form) => form.map(({ message }) => message)))].join(', or ');

/** What is missing is told so also where the schema has words of its own, which are about another value. */
const ruleOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_type' && 'input' in issue && issue.input === undefined ? 'is required' : issue.message;

/** Beyond what a whole number can be, and beyond what the member may be, is one fault: the narrower bound is checked last. */
const isOvertaken = ({ code, path }: z.core.$ZodIssue, later: readonly z.core.$ZodIssue[]): boolean =>
  (code === 'too_big' || code === 'too_small') &&
  later.some((other) => other.code === code && pointerTo('', other.path) === pointerTo('', path));

/** Every fault of a parse under `reading`, each at the member that it is about. */
export const faultsOf = (base: string, issues: readonly z.core.$ZodIssue[]): RequestFault[] =>
  issues.flatMap((issue, at) => {
    if (isOvertaken(issue, issues.slice(at + 1))) return [];
    const here = pointerTo(base, issue.path);
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ pointer: pointerTo(here, [key]), detail: 'is not a known member' }));
      case 'invalid_union': {
        if (issue.errors.length > 0 && issue.errors.every(isAboutWhole))
          return [{ pointer: here, detail: anyOf(issue.errors) }];
        const form = nearest(issue.errors);
        return form && form.length > 0 ? faultsOf(here, form) : [{ pointer: here, detail: issue.message }];
      }
      case 'invalid_key':
      case 'invalid_element':
        return issue.issues.map(({ message }) => ({ pointer: here, detail: message }));
      default:
        return [{ pointer: here, detail: ruleOf(issue) }];
    }
  });
