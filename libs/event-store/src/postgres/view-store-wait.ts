import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { isOutage } from './follower-transaction.js';

interface Waiter {
  readonly view: string;
  readonly position: number;
  readonly reached: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * At least: small beside what a caller waits for (a commit, a follower's batch), large beside what looking costs. At most:
 * while no view moves, or the database is away.
 */
const lookEveryMs = { least: 15, most: 120 };

/** Where these views stand; a view that nobody follows yet stands at 0. */
export const viewPositions = async (pool: Pool, views: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await pool.query<{ view: string; position: string | null }>(
    `select view, (select position from checkpoints where follower = view || '@' || generation order by after desc limit 1)
       from view_generation where view = any($1)`,
    [views],
  );
  return new Map(rows.map(({ view, position }) => [view, Number(position ?? 0)]));
};

/** However many wait in a process, one of them looks, and less often while nothing moves. */
export class ViewWatch {
  readonly #pool: Pool;
  readonly #waiters = new Set<Waiter>();
  #looking = false;
  #rest = new AbortController();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async reaches(view: string, position: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiter: Waiter = { view, position, reached: () => resolve(true), failed: reject };
    const giveUp = () => resolve(false);
    const timer = setTimeout(giveUp, timeoutMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) giveUp();
    this.#waiters.add(waiter);
    this.#rest.abort();
    void this.#look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      this.#waiters.delete(waiter);
    }
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    let seen = '';
    let everyMs = lookEveryMs.least;
    while (this.#waiters.size > 0) {
      this.#rest = new AbortController();
      const found = await this.#lookOnce();
      const moved = found !== seen;
      seen = found;
      everyMs = moved ? lookEveryMs.least : Math.min(everyMs * 1.5, lookEveryMs.most);
      await pause(lookEveryMs.least);
      await pause(everyMs - lookEveryMs.least, undefined, { signal: this.#rest.signal }).catch(() => undefined);
    }
    this.#looking = false;
  }

  /** Where the views stand that somebody waits for. In an outage nothing moves; who waits has a time-out of his own. */
  async #lookOnce(): Promise<string> {
    try {
      const positions = await viewPositions(this.#pool, [...new Set([...this.#waiters].map(({ view }) => view))]);
      for (const { view, position, reached } of this.#waiters) if ((positions.get(view) ?? 0) >= position) reached();
      return [...positions].join(' ');
    } catch (error) {
      if (!isOutage(error)) for (const { failed } of this.#waiters) failed(error);
      return '';
    }
  }
}
