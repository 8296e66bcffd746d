import { Cursors } from '@strata/http';
import { describe, expect, it } from 'vitest';
import { offerPage, offerQuery } from './offer-page.js';

const cursors = new Cursors(new Uint8Array(32), () => 'first');
const page = (items: readonly string[], cursor?: string | null) => {
  const query = offerQuery.parse({ limit: '2', ...(cursor && { cursor }) });
  const input = { route: { operationId: 'listFruit' }, params: {}, caller: null, query };
  return offerPage(cursors, input, items, (item) => item);
};

describe('a page of what a cloud offers', () => {
  const { nextCursor } = page(['fig', 'pear', 'plum', 'kiwi']);

  it('goes on after what the one before ended with, wherever that is now', () => {
    expect(page(['fig', 'date', 'pear', 'plum'], nextCursor)).toEqual({ shown: ['plum'], nextCursor: null });
  });

  it('goes on at its place where the cloud has withdrawn it', () => {
    expect(page(['fig', 'plum', 'kiwi'], nextCursor)).toEqual({ shown: ['plum', 'kiwi'], nextCursor: null });
    expect(page([], nextCursor)).toEqual({ shown: [], nextCursor: null });
  });

  it('ends where two things have one name', () => {
    expect(page(['fig', 'pear', 'pear'], nextCursor)).toEqual({ shown: [], nextCursor: null });
  });
});
