import type { FollowerTransaction } from '../follower.js';

/** Position of the newest step; null for a follower that never registered. */
const newestStep = `(select position from checkpoints where follower = $1 order by after desc limit 1)`;

/** The checkpoint of a view is that of its generation, so that a rebuild has one of its own. */
export const viewFollower = (view: string, generation: number): string => `${view}@${generation}`;

/** Begins at the beginning of the log, unless the follower has begun before. */
export const registerCheckpoint = async (db: FollowerTransaction, follower: string): Promise<void> => {
  await db.query(
    `insert into checkpoints (follower, after, position) select $1, -1, 0
      where not exists (select from checkpoints where follower = $1) on conflict do nothing`,
    [follower],
  );
};

export const readCheckpoint = async (db: FollowerTransaction, follower: string): Promise<number | undefined> => {
  const [newest] = await db.query<{ position: string | null }>(`select ${newestStep} as position`, [follower]);
  const position = newest?.position;
  return position === undefined || position === null ? undefined : Number(position);
};

const lineOf = (parameter: string): string => `hashtextextended('strata.follower.' || ${parameter}, 0)`;

/** Waits for the batch under way of this follower, whichever process has it, and holds up the next. */
export const lineLock = `select pg_advisory_xact_lock(${lineOf('$1')})`;

/** Whoever is at it, there is no use in doing the same: this only saves work. */
const turn = `pg_try_advisory_xact_lock(${lineOf('$4')})`;

/**
 * The compare-and-set: a step from `after` to `position`, taken once in the history of the log. False when someone else is
 * at it, has been there, or the view has moved to another generation; then the caller undoes everything and reads again.
 *
 * A step that another transaction has not committed yet is waited for by the primary key. Steps are removed only minutes
 * after they were the newest (`pruneCheckpoint`), so a late comer always meets either a newer step or its own.
 */
export const takeStep = async (
  tx: FollowerTransaction,
  step: { readonly follower: string; readonly line: string; readonly after: number; readonly position: number },
  generation?: number,
): Promise<boolean> => {
  const current =
    generation === undefined ? '' : 'and $5::int = (select generation from view_generation where view = $4)';
  const taken = await tx.query(
    `insert into checkpoints (follower, after, position) select $1, $2::bigint, $3::bigint
      where ${turn} and $2::bigint = ${newestStep} ${current}
      on conflict do nothing returning 1 as taken`,
    [step.follower, step.after, step.position, step.line, ...(generation === undefined ? [] : [generation])],
  );
  return taken.length === 1;
};

/** Removes steps that nobody can be about to take any more. */
export const pruneCheckpoint = async (db: FollowerTransaction, follower: string): Promise<void> => {
  await db.query(
    `delete from checkpoints where follower = $1 and updated_at < now() - interval '5 minutes'
        and after < (select after from checkpoints where follower = $1 order by after desc limit 1)`,
    [follower],
  );
};
