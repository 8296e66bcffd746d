import { expect } from 'vitest';
import type { Append } from '../append.js';
import type { EventStore } from '../event-store.js';

export interface OpenedStore {
  readonly store: EventStore;
  /** A second process on the same log. */
  readonly other: EventStore;
  close(): Promise<void>;
}

/** The stores of a contract, which are open only while its tests run. */
export interface Opening {
  store(): EventStore;
  second(): EventStore;
  /** Appends, expects a commit, and answers with its position. */
  committed(append: Append): Promise<number>;
}

export const openingOf = (opened: () => OpenedStore): Opening => ({
  store: () => opened().store,
  second: () => opened().other,
  committed: async (append) => {
    const verdict = await opened().store.append(append);
    expect(verdict).toMatchObject({ status: 'committed' });
    return verdict.status === 'committed' ? verdict.position : 0;
  },
});
