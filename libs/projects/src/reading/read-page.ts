import {
  InvalidViewQuery,
  type EventStore,
  type Projection,
  type Sight,
  type ViewCursor,
  type ViewQuery,
  type ViewRange,
  type ViewRow,
  type ViewStore,
  type ViewValue,
} from '@strata/event-store';
import {
  invalidRequest,
  problem,
  type AfterValues,
  type Caller,
  type Cursors,
  type ListInput,
  type Page,
  type Range,
} from '@strata/http';
import type { ProjectId } from '@strata/kernel';
import { sightOf } from '../execute/grants.js';
import { beyondTheHead, positionOf } from './as-of.js';
import { projectsInSight } from './projects-in-sight.js';

export type AnyListQuery = Parameters<Cursors['open']>[0]['query'];

/** What lists are read with. */
export interface ReadPorts {
  readonly store: EventStore;
  readonly views: ViewStore;
  readonly cursors: Cursors;
}

/** Any `InputOf` of an authenticated route whose query is a `listQuery`. */
export interface PageRequest<Query extends AnyListQuery> {
  readonly route: { readonly operationId: string };
  readonly params: unknown;
  readonly caller: Caller;
  readonly query: Query;
  readonly minPosition: number | undefined;
  readonly signal: AbortSignal;
}

/** Values of which a column must have one. */
export type Where = Readonly<Record<string, readonly ViewValue[]>>;

/** What a page is read from. Filters, ranges and sorts are named as the columns of the view. */
export interface PageSource<Row extends ViewRow> {
  readonly view: Projection<Row>;
  /** Columns of filters that are called otherwise; `id` is the key anyway. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Filters that hold unless the request names them itself. */
  readonly defaults?: Where;
  /** Filters by projects that are shown only to who may view them: one by any other project would tell what is not shown. */
  readonly shownInSight?: readonly string[];
}

interface AnyPage {
  readonly nextCursor: string | null;
  readonly position: number;
  /** Whether it was read as of some time or position. */
  readonly isPast: boolean;
}

export interface ReadPage<Row> extends AnyPage {
  readonly rows: readonly Row[];
}

/** `Strata-Min-Position` waits as long, then `503`. */
const patienceMs = 5_000;

export interface OpenedPage<Query extends AnyListQuery> {
  readonly page: Page<Query>;
  /** The position that `asOf` means: on later pages that of the first. Undefined for now. */
  readonly asOf: number | undefined;
}

/** @throws Refused for a cursor that is not of this list, and for an `asOf` that the log has not reached. */
export const openPage = async <Query extends AnyListQuery>(
  { store, cursors }: Pick<ReadPorts, 'store' | 'cursors'>,
  request: ListInput<Query>,
): Promise<OpenedPage<Query>> => {
  const page = cursors.open(request);
  return { page, asOf: page.moment ?? (await positionOf(store, page.asOf)) };
};

export interface OpenedRequest<Query extends AnyListQuery> extends OpenedPage<Query> {
  readonly request: PageRequest<Query>;
}

/** One page of a view by the conventions of lists: cursor, sort, filters, ranges, tags, `asOf`, `Strata-Min-Position`; `where` holds besides. */
export const readPage = async <Row extends ViewRow, Query extends AnyListQuery>(
  ports: ReadPorts,
  opened: OpenedRequest<Query>,
  source: PageSource<Row>,
  where: Where,
): Promise<ReadPage<Row>> => {
  const { request, page } = opened;
  const query = await queryOf(ports, opened, source, where);
  const { rows, position, next } = await checked(() => ports.views.list(query));
  const nextCursor = next && ports.cursors.next(request, page, [next.value, next.key], query.asOf);
  return { rows, nextCursor, position: query.asOf ?? position, isPast: query.asOf !== undefined };
};

/** What of a page is kept ready: its items as the answer shows them, in JSON, with a comma between two. */
export interface WrittenPage extends AnyPage {
  readonly items: string;
  readonly count: number;
}

/** The same page from the column `written` alone. Undefined where a row has nothing in it. */
export const readWrittenPage = async <Row extends ViewRow, Query extends AnyListQuery>(
  ports: ReadPorts,
  opened: OpenedRequest<Query>,
  source: PageSource<Row>,
  where: Where,
  written: string,
): Promise<WrittenPage | undefined> => {
  const { request, page } = opened;
  const query = await queryOf(ports, opened, source, where);
  const texts = await checked(() => ports.views.texts(query, written));
  if (!texts) return undefined;
  const { joined: items, count, position, next } = texts;
  const nextCursor = next && ports.cursors.next(request, page, [next.value, next.key], query.asOf);
  return { items, count, nextCursor, position: query.asOf ?? position, isPast: query.asOf !== undefined };
};

/** Waits for what the request wants to be seen. */
const queryOf = async <Row extends ViewRow, Query extends AnyListQuery>(
  { store, views }: ReadPorts,
  { request, page, asOf }: OpenedRequest<Query>,
  { view, columns = {}, defaults = {}, shownInSight = [] }: PageSource<Row>,
  where: Where,
): Promise<ViewQuery<Row>> => {
  const least = Math.max(asOf ?? 0, request.minPosition ?? 0);
  // A signal is made when it is first asked for: few requests wait.
  if (least > 0) await waitUntilViewed({ store, views }, view.name, least, request.signal);
  const sight = sightOf(request.caller);
  const filters = await inSightOnly(store, sight, page.filters, shownInSight);
  return {
    view,
    sight,
    where: { ...defaults, ...filtersOf(filters, { id: 'key', ...columns }), ...where },
    ranges: rangesOf(page.ranges),
    tags: page.tags,
    sort: { by: page.sort.by, direction: page.sort.direction === 'ascending' ? 'asc' : 'desc' },
    after: afterOf(page.after),
    limit: page.limit,
    asOf,
  };
};

/** What passed the schema of the list and yet cannot be a value of its column (the year 0, say). */
const checked = async <Page>(read: () => Promise<Page>): Promise<Page> => {
  try {
    return await read();
  } catch (fault) {
    if (!(fault instanceof InvalidViewQuery)) throw fault;
    throw invalidRequest({ pointer: `/query/${fault.column}`, detail: fault.reason });
  }
};

type Filters = Readonly<Record<string, unknown>>;

const inSightOnly = async (store: EventStore, sight: Sight, filters: Filters, names: readonly string[]) => {
  const narrowed: Record<string, unknown> = { ...filters };
  for (const name of names) {
    const values = filters[name] as readonly ProjectId[] | undefined; // as the list's own schema has them
    if (values) narrowed[name] = [...(await projectsInSight(store, sight, values))];
  }
  return narrowed;
};

const filtersOf = (filters: Filters, columns: Readonly<Record<string, string>>) =>
  // The list's own schema has checked the values.
  Object.fromEntries(Object.entries(filters).map(([name, values]) => [columns[name] ?? name, values])) as Where;

const rangesOf = (ranges: readonly Range[]): Readonly<Record<string, ViewRange>> => {
  const byField: Record<string, ViewRange> = {};
  for (const { field, operator, value } of ranges) {
    byField[field] = { ...byField[field], [operator]: value as string | number };
  }
  return byField;
};

/** A cursor's last two members are the sort value and the key. */
const afterOf = (after: AfterValues | undefined): ViewCursor | undefined => {
  if (after === undefined) return undefined;
  const [value = null, key] = after;
  return { value, key: String(key) };
};

/** @throws Refused when the view does not get there in time, or the log has no such position. */
export const waitUntilViewed = async (
  { store, views }: Pick<ReadPorts, 'store' | 'views'>,
  view: string,
  position: number,
  signal: AbortSignal,
): Promise<void> => {
  if (position === 0) return;
  await insideTheLog(store, position);
  if (!(await views.waitFor(view, position, patienceMs, signal))) {
    throw problem('unavailable', { detail: `The view has not got to ${position} yet.`, retryAfterSeconds: 1 });
  }
};

/** For reads that fold the log itself: what the log holds is there at once. */
export const insideTheLog = async (store: EventStore, minPosition: number | undefined): Promise<void> => {
  if (!minPosition) return;
  const { position } = await store.head();
  if (minPosition > position) throw beyondTheHead('/header/strata-min-position');
};
