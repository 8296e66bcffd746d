import { afterAll, beforeAll } from 'vitest';
import { appendContract } from './append-contract.js';
import { type OpenedStore, openingOf } from './opened-store.js';
import { quotaContract } from './quota-contract.js';
import { readingContract } from './reading-contract.js';
import { treeContract } from './tree-contract.js';

/** What any event store must do. Each test works in a tree of its own. */
export const eventStoreContract = (open: () => Promise<OpenedStore>): void => {
  let opened: OpenedStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  const opening = openingOf(() => opened);
  appendContract(opening);
  quotaContract(opening);
  treeContract(opening);
  readingContract(opening);
};
