import {
  asOfParameter,
  cursorParameter,
  documentedAs,
  integerParameter,
  parsePosition,
  type AsOf,
  type LogPosition,
} from '@strata/http';
import { z } from 'zod';

/** A position as a number, or as told in `Strata-Position` and in the `id` of an event. */
export type From = { readonly position: number; readonly incarnation: LogPosition['incarnation'] | null };

const readFrom = (text: string): From | undefined => {
  if (/^(0|[1-9][0-9]{0,14})$/.test(text)) return { position: Number(text), incarnation: null };
  return parsePosition(text);
};

const fromParameter = documentedAs(
  z.string({ error: 'must be given once' }).transform((text, context): From => {
    const from = readFrom(text);
    if (from) return from;
    context.addIssue('must be a position (`<incarnation>.<position>`), or 0 for the beginning');
    return z.NEVER;
  }),
  {
    type: 'string',
    description:
      'Only events after this position; 0 for the beginning. A stream without it, and without `Last-Event-ID`, starts now.',
  },
);

const ascending = { by: 'position', direction: 'ascending' } as const;
type Ascending = { readonly by: 'position'; readonly direction: 'ascending' | 'descending' };

/** Events come in the order of the log, always. */
export const eventsQuery = z
  .strictObject({
    limit: integerParameter(1, 500).default(50),
    cursor: cursorParameter.optional(),
    from: fromParameter.optional(),
    asOf: asOfParameter.optional(),
  })
  .transform(({ from, ...read }) => ({
    ...read,
    sort: undefined as Ascending | undefined,
    defaultSort: ascending as Ascending,
    filters: (from ? { from: [from] } : {}) as { readonly from?: readonly From[] },
    ranges: [],
    tags: {},
  }));
export type EventsQuery = z.output<typeof eventsQuery> & { readonly asOf?: AsOf | undefined };
