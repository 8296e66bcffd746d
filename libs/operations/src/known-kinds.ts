import { invalidRequest } from '@strata/http';

/** Which kinds there are is known when an app is put together, and so to no schema of a query. @throws Refused `invalid-request`. */
export const mustBeKnown = (known: readonly string[], wanted: readonly string[] = []): void => {
  const detail = `must be one of ${known.join(', ')}`;
  const faults = wanted.flatMap((kind, index) =>
    known.includes(kind) ? [] : [{ pointer: wanted.length > 1 ? `/query/kind/${index}` : '/query/kind', detail }],
  );
  if (faults.length > 0) throw invalidRequest(...faults);
};
