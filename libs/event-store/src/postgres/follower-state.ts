import type { Pool } from 'pg';

export interface FollowerFault {
  /** The event that the follower stands before. */
  readonly position: number;
  readonly error: string;
  readonly detail: string;
}

const maximumDetail = 500;

export const faultOf = (position: number, error: unknown): FollowerFault => ({
  position,
  error: error instanceof Error ? error.name : 'Error',
  detail: (error instanceof Error ? error.message : String(error)).replaceAll('\u0000', '').slice(0, maximumDetail),
});

/** Makes the follower and the event types that it knows visible to writers. */
export const registerFollower = async (pool: Pool, follower: string, knows: readonly string[]): Promise<void> => {
  await pool.query(
    `insert into follower_state (follower, status, position, knows) values ($1, 'running', 0, $2)
      on conflict (follower) do update set knows = excluded.knows, updated_at = now()
      where follower_state.knows is distinct from excluded.knows`,
    [follower, knows],
  );
};

/** What stopped the follower, in whichever process, and was not passed since. */
export const standingFault = async (pool: Pool, follower: string): Promise<FollowerFault | undefined> => {
  const { rows } = await pool.query<{ position: string; error: string; detail: string }>(
    `select position, error, detail from follower_state where follower = $1 and status = 'stopped'`,
    [follower],
  );
  return rows[0] && { ...rows[0], position: Number(rows[0].position) };
};

export const recordFault = async (pool: Pool, follower: string, fault: FollowerFault): Promise<void> => {
  await pool.query(
    `update follower_state set status = 'stopped', position = $2, error = $3, detail = $4, updated_at = now()
      where follower = $1`,
    [follower, fault.position, fault.error, fault.detail],
  );
};

export const clearFault = async (pool: Pool, follower: string, position: number): Promise<void> => {
  await pool.query(
    `update follower_state set status = 'running', position = $2, error = null, detail = null, updated_at = now()
      where follower = $1 and status = 'stopped' and position <= $2`,
    [follower, position],
  );
};

/** No longer part of this installation: writers need not wait for it to know new event types. */
export const retireFollower = async (pool: Pool, follower: string): Promise<void> => {
  await pool.query('delete from follower_state where follower = $1', [follower]);
};

/** Which of these event types some live follower does not know yet: a writer must not emit those. */
export const typesUnknownToFollowers = async (pool: Pool, types: readonly string[]): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ type: string }>(
    `select type from unnest($1::text[]) as wanted(type)
      where exists (select from follower_state where not wanted.type = any(knows))`,
    [types],
  );
  return rows.map(({ type }) => type);
};
