import type { z } from 'zod';
import { CloudSilent } from '../disk-cloud.js';
import { ownFault } from '../wire/outcome.js';
import type { OpenstackCall, OpenstackClient } from './openstack.client.js';
import { markerAfter, type LinkedPage } from '../wire/next-page.js';
import { readBody } from '../wire/texts.js';

/** A list of Cinder: how a page of it is asked for and read. */
export interface CinderList<Item> {
  readonly call: (query: Readonly<Record<string, string>>) => OpenstackCall;
  readonly page: z.ZodType<LinkedPage<Item>>;
  /** In plural: for faults. */
  readonly of: string;
}

/** One page. */
export const readPage = async <Item>(
  client: OpenstackClient,
  list: CinderList<Item>,
  query: Readonly<Record<string, string>>,
): Promise<readonly Item[]> => (await pageOf(client, list, query)).items;

const pageOf = async <Item>(
  client: OpenstackClient,
  { call, page }: CinderList<Item>,
  query: Readonly<Record<string, string>>,
): Promise<LinkedPage<Item>> => readBody(page, await client.readAnswer(call(query)));

/** As many as Cinder gives at most unless it is set up otherwise. */
export const largestPage = 1000;
/** A million in pages of a thousand: beyond that something is wrong with the paging. */
const mostPages = 1000;

interface PageOptions {
  readonly pageSize?: number;
  /** As query parameters; a cloud may be set up to ignore them. */
  readonly filters?: Readonly<Record<string, string>>;
}

/** Newest first, by marker: with offsets what is created meanwhile would shift the pages. */
export async function* readPages<Item extends { readonly id: string }>(
  client: OpenstackClient,
  list: CinderList<Item>,
  { pageSize = largestPage, filters = {} }: PageOptions = {},
): AsyncGenerator<readonly Item[]> {
  const seen = new Set<string>();
  let marker: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const answer: LinkedPage<Item> = await pageOf(client, list, {
      ...filters,
      sort: 'created_at:desc',
      limit: String(pageSize),
      ...(marker !== null && { marker }),
    });
    if (answer.items.length > 0) yield answer.items;
    marker = markerAfter(answer, pageSize);
    if (marker === null) return;
    if (seen.has(marker)) break;
    seen.add(marker);
  }
  throw new CloudSilent(
    ownFault('endless-list', `the list of ${list.of} does not come to an end`),
    'unavailable',
    null,
  );
}
