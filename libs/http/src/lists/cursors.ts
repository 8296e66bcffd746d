import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Caller } from '../server/auth.js';
import type { AsOf } from '../request/position.js';
import { problem } from '../problems/refused.js';
import type { Range, Sort } from './list-query.js';

/** Values of the last row of a page, in the order of the sort, the id last. */
export type AfterValues = readonly (string | number | boolean | null)[];

/** What a cursor needs of the request for a list; any `InputOf` of a route with a `listQuery` fits. */
export interface ListInput<Query extends ListQueryLike> {
  readonly route: { readonly operationId: string };
  readonly params: unknown;
  readonly caller: Caller | null;
  readonly query: Query;
}

interface ListQueryLike {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sort?: Sort | undefined;
  readonly defaultSort: Sort;
  readonly asOf?: AsOf | undefined;
  readonly filters: Readonly<Record<string, readonly unknown[] | undefined>>;
  readonly ranges: readonly Range[];
  readonly tags: Readonly<Record<string, readonly string[]>>;
}

/** One page to be read: the query with what its cursor carries. */
export interface Page<Query extends ListQueryLike> {
  readonly limit: number;
  readonly sort: NonNullable<Query['sort']>;
  readonly filters: Query['filters'];
  readonly ranges: Query['ranges'];
  readonly tags: Query['tags'];
  readonly asOf: Query['asOf'];
  /** Undefined on the first page. */
  readonly after: AfterValues | undefined;
  /** What `asOf` meant on the first page: a time near now means a later position later. Undefined there, and without `asOf`. */
  readonly moment: number | undefined;
}

const Carried = z.object({
  scope: z.string(),
  incarnation: z.string(),
  moment: z.int().optional(),
  after: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
  asked: z.object({
    sort: z.object({ by: z.string(), direction: z.enum(['ascending', 'descending']) }),
    filters: z.record(z.string(), z.array(z.unknown())),
    ranges: z.array(z.object({ field: z.string(), operator: z.enum(['gte', 'lte', 'gt', 'lt']), value: z.unknown() })),
    tags: z.record(z.string(), z.array(z.string())),
    asOf: z.union([z.object({ time: z.string() }), z.object({ position: z.int() }), z.null()]),
  }),
});
type Asked = z.infer<typeof Carried>['asked'];

const writeAsOf = (asOf: AsOf | undefined): Asked['asOf'] =>
  asOf === undefined ? null : asOf.at === 'time' ? { time: asOf.time.toISOString() } : { position: asOf.position };

const readAsOf = (asOf: Asked['asOf']): AsOf | undefined =>
  asOf === null
    ? undefined
    : 'time' in asOf
      ? { at: 'time', time: new Date(asOf.time) }
      : { at: 'position', position: asOf.position };

const isFirstAsked = ({ sort, filters, ranges, tags, asOf }: ListQueryLike): boolean =>
  sort !== undefined ||
  asOf !== undefined ||
  ranges.length > 0 ||
  Object.keys(filters).length > 0 ||
  Object.keys(tags).length > 0;

const askedOf = (query: ListQueryLike): Asked => ({
  sort: query.sort ?? query.defaultSort,
  filters: Object.fromEntries(Object.entries(query.filters).map(([name, values]) => [name, [...(values ?? [])]])),
  ranges: query.ranges.map(({ field, operator, value }) => ({ field, operator, value })),
  tags: Object.fromEntries(Object.entries(query.tags).map(([key, values]) => [key, [...values]])),
  asOf: writeAsOf(query.asOf),
});

const scopeOf = ({ route, params, caller }: ListInput<ListQueryLike>): string =>
  canonicalize([route.operationId, params, caller?.actorId ?? null]) ?? '';

/**
 * Opaque cursors, authenticated by HMAC-SHA-256: each belongs to one list (route, path and caller) and carries sort,
 * filters, the moment of an `asOf` and the place reached. A cursor alone continues; with other filters beside it, it is refused.
 */
export class Cursors {
  private readonly key: KeyObject;

  constructor(
    key: Uint8Array,
    private readonly incarnation: () => string,
  ) {
    this.key = createSecretKey(key);
  }

  /** The page that a request asks for. Throws `invalid-cursor`, or `log-restored` for a cursor from before a restore. */
  open<Query extends ListQueryLike>(input: ListInput<Query>): Page<Query> {
    const { query } = input;
    if (query.cursor === undefined) {
      return this.page(query, askedOf(query), undefined, undefined);
    }
    const carried = this.decode(query.cursor);
    if (carried === undefined || carried.scope !== scopeOf(input)) throw problem('invalid-cursor');
    if (isFirstAsked(query) && !agrees(query, carried.asked)) {
      throw problem('invalid-cursor', {
        detail:
          'The cursor was made with another sort, other filters or another asOf: repeat all of them as they were, or send ' +
          'the cursor without them.',
      });
    }
    if (carried.incarnation !== this.incarnation()) throw problem('log-restored');
    return this.page(query, carried.asked, carried.after, carried.moment);
  }

  /** The cursor after a page whose last row has these values. `moment` is the position that its `asOf` was resolved to. */
  next<Query extends ListQueryLike>(
    input: ListInput<Query>,
    page: Page<Query>,
    after: AfterValues,
    moment?: number,
  ): string {
    const asked = askedOf({ ...page, defaultSort: page.sort });
    const text = JSON.stringify({
      scope: scopeOf(input),
      incarnation: this.incarnation(),
      moment,
      after,
      asked,
    } satisfies z.infer<typeof Carried> | { after: AfterValues });
    return Buffer.concat([this.seal(text), Buffer.from(text)]).toString('base64url');
  }

  private page<Query extends ListQueryLike>(
    query: Query,
    asked: Asked,
    after: AfterValues | undefined,
    moment: number | undefined,
  ): Page<Query> {
    // What a cursor carries was checked by the list's own schema when the cursor was made, and is authenticated since.
    const { sort, filters, ranges, tags } = asked as unknown as Page<Query>;
    return { limit: query.limit, sort, filters, ranges, tags, asOf: readAsOf(asked.asOf), after, moment };
  }

  private decode(cursor: string): z.infer<typeof Carried> | undefined {
    const bytes = Buffer.from(cursor, 'base64url');
    // Lenient decoding must not give one cursor two spellings.
    if (bytes.length <= 32 || bytes.toString('base64url') !== cursor) return undefined;
    const text = bytes.toString('utf8', 32);
    if (!timingSafeEqual(bytes.subarray(0, 32), this.seal(text))) return undefined;
    const read = Carried.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  }

  private seal(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}

/** Filters repeated beside a cursor must be the very same; a sort left out agrees with any. */
const agrees = (query: ListQueryLike, carried: Asked): boolean => {
  const asked = askedOf(query);
  const sort = query.sort ?? carried.sort;
  return canonicalize({ ...asked, sort }) === canonicalize(carried);
};
