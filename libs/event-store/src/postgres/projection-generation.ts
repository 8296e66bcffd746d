import type { FollowerTransaction } from '../follower.js';

/** A view that was never rebuilt is in its first generation. */
export const registerView = async (db: FollowerTransaction, view: string): Promise<void> => {
  await db.query('insert into view_generation (view, generation) values ($1, 1) on conflict do nothing', [view]);
};

export const generationOf = async (db: FollowerTransaction, view: string): Promise<number> => {
  const [found] = await db.query<{ generation: number }>('select generation from view_generation where view = $1', [
    view,
  ]);
  return found?.generation ?? 1;
};
