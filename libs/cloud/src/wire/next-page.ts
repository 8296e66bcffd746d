import { z } from 'zod';

/** The links of a page of Cinder, and of EVS, which lists as Cinder does. A form that we do not know is none. */
export const Links = z
  .array(z.object({ rel: z.string(), href: z.string() }))
  .nullish()
  .catch(null);

export interface LinkedPage<Item> {
  readonly items: readonly Item[];
  readonly links: z.infer<typeof Links>;
}

/**
 * Where the next page begins. Of a next link only its marker is used: the rest names hosts and paths of the cloud's inside.
 * A full page without a link is asked on all the same; a short one with a link comes from a cloud whose own limit is below ours.
 */
export const markerAfter = <Item extends { readonly id: string }>(
  { items, links }: LinkedPage<Item>,
  pageSize: number,
): string | null => {
  const href = links?.find(({ rel }) => rel === 'next')?.href;
  const named = href === undefined ? null : new URLSearchParams(href.split('?')[1] ?? '').get('marker');
  if (named !== null) return named;
  return items.length < pageSize && href === undefined ? null : (items.at(-1)?.id ?? null);
};
