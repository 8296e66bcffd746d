import type { Pool } from 'pg';

/** What the list of one binding is asked for. */
export interface Following {
  readonly bindingId: string;
  /** The markers of all that the list follows. */
  readonly markers: readonly string[];
  /** How long the oldest and the newest of them have been in the cloud, in ms. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** Operations that are followed by a list of their resources, over all workers. Needs the role of workers. */
export class PostgresShownOperations {
  constructor(private readonly pool: Pool) {}

  async following(): Promise<readonly Following[]> {
    const { rows } = await this.pool.query<Following>({
      name: 'following',
      text: `select binding_id as "bindingId", array_agg(shows_as) as markers,
                    (extract(epoch from now() - min(shows_since)) * 1000)::float8 as "oldestMs",
                    (extract(epoch from now() - max(shows_since)) * 1000)::float8 as "newestMs"
               from operation_schedule where shows_as is not null and watched group by binding_id`,
    });
    return rows;
  }

  /**
   * Makes those due that the list shows as through with their work; from then on each is looked at by itself. One that is
   * under a step is left to it. How many were made due.
   */
  async through(bindingId: string, markers: readonly string[]): Promise<number> {
    const { rowCount } = await this.pool.query({
      name: 'shown-through',
      text: `update operation_schedule
                set due_at = now(), watched = false, last_seen = coalesce(last_seen, '{}') || '{"through": true}'
              where binding_id = $1 and shows_as = any($2::text[]) and watched
                and (lease_id is null or lease_until <= now())`,
      values: [bindingId, markers],
    });
    return rowCount ?? 0;
  }
}
