import type { z } from 'zod';

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
};

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  datetime: 'must be a time (RFC 3339)',
  date: 'must be a date (RFC 3339)',
  url: 'must be a URL',
  email: 'must be an email address',
};

const units: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: ['character', 'characters'],
  array: ['item', 'items'],
  set: ['item', 'items'],
  map: ['entry', 'entries'],
};

type Bound = number | bigint;

const amount = (origin: string, bound: Bound): string => {
  const unit = units[origin];
  return unit === undefined ? String(bound) : `${bound} ${Number(bound) === 1 ? unit[0] : unit[1]}`;
};

const bounded = (origin: string, words: string, bound: Bound): string =>
  origin === 'string' || units[origin] === undefined
    ? `must be ${words} ${amount(origin, bound)}`
    : `must have ${words} ${amount(origin, bound)}`;

/** To a text in its place zod says that a number is expected, to 1.5 that it must be whole. */
const isWhole = ({ inst }: z.core.$ZodRawIssue): boolean => {
  const def: object = inst?._zod.def ?? {};
  return 'format' in def && def.format === 'safeint';
};

const quoted = (value: unknown): string => (typeof value === 'string' ? value : String(value));

const noForm = 'must have a form that the description of the API gives';

/** Every message that a schema does not bring itself: the rule, as a sentence that begins with what it is about. */
const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[isWhole(issue) ? 'int' : issue.expected] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(quoted).join(', ')}`;
    case 'too_big':
      return bounded(issue.origin, issue.exact ? 'exactly' : issue.inclusive ? 'at most' : 'less than', issue.maximum);
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return bounded(issue.origin, issue.exact ? 'exactly' : issue.inclusive ? 'at least' : 'more than', issue.minimum);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return formats[issue.format] ?? 'must have the form that the description of the API gives';
    case 'invalid_key':
      return 'has a member whose name is not allowed';
    case 'invalid_union': {
      // Of the kinds that a member tells apart, none fits: the issue is about that member.
      const { options } = issue;
      return Array.isArray(options) ? `must be one of ${options.map(quoted).join(', ')}` : noForm;
    }
    default:
      return noForm;
  }
};

/** How a request is parsed. An issue knows its input, so that what is missing can be told from what is wrong. */
export const reading = { error: wording, reportInput: true } as const;
