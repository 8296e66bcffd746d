import type { PauseId } from '@strata/kernel';
import { HeldOperations, type HeldPage } from '@strata/operations';
import type pg from 'pg';
import { inSight } from './in-sight.js';

/** What the schedule says of held operations. Row-level security holds each page to the caller's sight. */
export class ScheduledHolds extends HeldOperations {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  /** Who asks has seen the pauses already: their figures count all that they hold. */
  async count(pauseIds: readonly PauseId[]): Promise<ReadonlyMap<string, number>> {
    if (pauseIds.length === 0) return new Map();
    const rows = await inSight(this.pool, 'all', (query) =>
      query<{ held_by: string; held: number }>(
        'select held_by, count(*)::int as held from operation_schedule where held_by = any($1::uuid[]) group by held_by',
        [pauseIds],
      ),
    );
    return new Map(rows.map(({ held_by: pauseId, held }) => [pauseId, held]));
  }

  async of(pauseId: PauseId, { sight, direction, after, limit }: HeldPage): Promise<readonly string[]> {
    const [comes, order] = direction === 'ascending' ? ['>', 'asc'] : ['<', 'desc'];
    const rows = await inSight(this.pool, sight.all ? 'all' : sight.nodes, (query) =>
      query<{ operation_id: string }>(
        `select operation_id from operation_schedule
        where held_by = $1 and ($2::uuid is null or operation_id ${comes} $2::uuid)
        order by operation_id ${order} limit $3`,
        [pauseId, after ?? null, limit],
      ),
    );
    return rows.map(({ operation_id: operationId }) => operationId);
  }
}
