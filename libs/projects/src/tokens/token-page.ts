import { listQuery, timeBound, type Page, type Range } from '@strata/http';
import { ActorId, safeText, TokenId } from '@strata/kernel';
import type { z } from 'zod';
import { Role } from '../project/index.js';
import type { TokenResource } from './token.resource.js';

export const tokenQuery = listQuery({
  sorts: ['createdAt'],
  filters: { id: TokenId, name: safeText.max(255), role: Role, 'actor.id': ActorId },
  ranges: { createdAt: timeBound },
  asOf: true,
});
type TokenPage = Page<z.output<typeof tokenQuery>>;

export interface PageOfTokens {
  readonly shown: readonly TokenResource[];
  /** What the cursor to the next page goes on from; undefined on the last. */
  readonly next: string | undefined;
}

/** A page of all tokens of a project: they come of its stream, and are few enough to be at hand. */
export const pageOfTokens = (tokens: readonly TokenResource[], page: TokenPage): PageOfTokens => {
  const sign = page.sort.direction === 'ascending' ? 1 : -1;
  const comesAfter = (a: string, b: string) => sign * compare(a, b);
  const [after] = page.after ?? [];
  const matching = tokens
    .filter((token) => isAsked(token, page))
    .filter((token) => after === undefined || comesAfter(placeOf(token), String(after)) > 0)
    .toSorted((a, b) => comesAfter(placeOf(a), placeOf(b)));
  const shown = matching.slice(0, page.limit);
  const last = shown.at(-1);
  return { shown, next: last && matching.length > shown.length ? placeOf(last) : undefined };
};

/** When it was issued, in as many characters for each, then its id: what is later is greater. */
const placeOf = ({ createdAt, id }: TokenResource): string => `${createdAt} ${id}`;

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const isAsked = (token: TokenResource, { filters, ranges }: TokenPage): boolean =>
  isAmong(token.id, filters.id) &&
  isAmong(token.name, filters.name) &&
  isAmong(token.role, filters.role) &&
  isAmong(token.actor.id, filters['actor.id']) &&
  ranges.every((range) => isWithin(Date.parse(token.createdAt), range));

const isAmong = (value: unknown, asked: readonly unknown[] | undefined): boolean =>
  asked === undefined || asked.includes(value);

const isWithin = (time: number, { operator, value }: Range<string, string>): boolean => {
  const bound = Date.parse(value);
  switch (operator) {
    case 'gte':
      return time >= bound;
    case 'lte':
      return time <= bound;
    case 'gt':
      return time > bound;
    case 'lt':
      return time < bound;
  }
};
