import type { z } from 'zod';
import type { RequestFault } from '../problems/refused.js';
import { faultsOf } from './faults.js';

type Issue = z.core.$ZodIssue;
type Query = Readonly<Record<string, unknown>>;

/** Of a list's query `tags.<key>` is read as a member of `tags`. */
const asNamed = ([name, ...within]: readonly PropertyKey[]): PropertyKey[] => {
  const [key, ...rest] = within;
  return name === 'tags' && key !== undefined ? [`tags.${String(key)}`, ...rest] : [name ?? '', ...within];
};

/** A filter is read as a list; which of its values is meant is told where there are several. */
const withoutIndex = ([name = '', ...within]: readonly PropertyKey[], query: Query): PropertyKey[] =>
  Array.isArray(query[String(name)]) || typeof within[0] !== 'number' ? [name, ...within] : [name, ...within.slice(1)];

const asGiven = (issue: Issue, query: Query): Issue => {
  // A bare `tags` was set aside as `tags=`.
  if (issue.code === 'unrecognized_keys')
    return { ...issue, keys: issue.keys.map((key) => (key === 'tags=' ? 'tags' : key)) };
  return issue.path.length === 0 ? issue : { ...issue, path: withoutIndex(asNamed(issue.path), query) };
};

/** Each at the parameter as it was given. */
export const queryFaultsOf = (issues: readonly Issue[], query: Query): RequestFault[] =>
  faultsOf(
    '/query',
    issues.map((issue) => asGiven(issue, query)),
  );
