import { cursorParameter, integerParameter, type AfterValues, type Cursors, type ListInput } from '@strata/http';
import { z } from 'zod';

const offered = { by: 'offer', direction: 'ascending' } as const;
type Offered = { readonly by: 'offer'; readonly direction: 'ascending' | 'descending' };

/** Always in the order in which the cloud names things, and as many as a page can have unless told otherwise. */
export const offerQuery = z
  .strictObject({ limit: integerParameter(1, 500).default(500), cursor: cursorParameter.optional() })
  .transform((read) => ({
    ...read,
    sort: undefined as Offered | undefined,
    defaultSort: offered as Offered,
    filters: {},
    ranges: [],
    tags: {},
  }));

export interface OfferPage<Item> {
  readonly shown: readonly Item[];
  readonly nextCursor: string | null;
}

/** One page of what a cloud offers. Throws as `Cursors.open` does. */
export const offerPage = <Item>(
  cursors: Cursors,
  input: ListInput<z.output<typeof offerQuery>>,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): OfferPage<Item> => {
  const page = cursors.open(input);
  const start = startAfter(page.after, items.map(keyOf));
  const shown = items.slice(start, start + page.limit);
  const last = shown.at(-1);
  const end = start + shown.length;
  const more = last !== undefined && end < items.length;
  return { shown, nextCursor: more ? cursors.next(input, page, [end - 1, keyOf(last)]) : null };
};

/** What a page ends with, and its place: where the cloud has withdrawn it, what came after it has its place now. */
const startAfter = (after: AfterValues | undefined, keys: readonly string[]): number => {
  if (after === undefined) return 0;
  const [place, key] = after;
  const found = keys.findLastIndex((each) => each === key);
  return found < 0 ? Number(place) : found + 1;
};
