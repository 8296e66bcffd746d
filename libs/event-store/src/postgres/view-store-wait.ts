import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';

interface Waiter {
  readonly view: string;
  readonly position: number;
  readonly reached: () => void;
  readonly failed: (error: unknown) => void;
}

/** Small beside what a caller waits for (a commit, a follower's batch), large beside what looking costs. */
const lookEveryMs = 15;

/** Where these views stand; a view that nobody follows yet stands at 0. */
export const viewPositions = async (pool: Pool, views: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await pool.query<{ view: string; position: string | null }>(
    `select view, (select position from checkpoints where follower = view || '@' || generation order by after desc limit 1)
       from view_generation where view = any($1)`,
    [views],
  );
  return new Map(rows.map(({ view, position }) => [view, Number(position ?? 0)]));
};

/** However many wait in a process, one of them looks. */
export class ViewWatch {
  readonly #pool: Pool;
  readonly #waiters = new Set<Waiter>();
  #looking = false;

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
    try {
      while (this.#waiters.size > 0) {
        const positions = await viewPositions(this.#pool, [...new Set([...this.#waiters].map(({ view }) => view))]);
        for (const { view, position, reached } of this.#waiters) if ((positions.get(view) ?? 0) >= position) reached();
        await pause(lookEveryMs);
      }
    } catch (error) {
      for (const { failed } of this.#waiters) failed(error);
    } finally {
      this.#looking = false;
    }
  }
}
